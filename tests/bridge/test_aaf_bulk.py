"""Stamped lines equal, object by object, the lines that pyaaf2 builds."""

from __future__ import annotations

import aaf2
import pytest

from rythmo_bridge.formats.aaf import writer
from rythmo_bridge.formats.aaf.compound_writer import Storage, Stream, close_streams, save_compound
from rythmo_bridge.formats.aaf.stamped_clips import LineStamper
from rythmo_bridge.script_timeline import script_timeline


def _facts(thing, depth: int = 0):
    """An AAF object as plain values, everything inside it included."""
    if isinstance(thing, aaf2.core.AAFObject) and depth < 12:
        if isinstance(thing, aaf2.dictionary.DefinitionObject):
            return str(thing.auid)
        return type(thing).__name__, sorted((p.name, _facts(p.value, depth + 1)) for p in thing.properties())
    if isinstance(thing, list | tuple | set) or hasattr(thing, "__next__"):
        return [_facts(each, depth + 1) for each in thing]
    if hasattr(thing, "objects") or type(thing).__name__.endswith("Property"):
        return [_facts(each, depth + 1) for each in thing]
    return str(thing)


def _read(path):
    with aaf2.open(str(path)) as file:
        mobs = {str(mob.mob_id): _facts(mob) for mob in file.content.mobs}
        sounds = {f"{each.mob_id} sound": each.open("r").read() for each in file.content.essencedata}
        return mobs | sounds


@pytest.mark.parametrize("write", [writer.write, writer.write_embedded])
def test_stamped_lines_equal_built_ones(dub, tmp_path, monkeypatch, write):
    delivery = script_timeline(dub.script, dub.folder)
    write(delivery, tmp_path / "stamped.aaf")
    monkeypatch.setattr(LineStamper, "built", lambda self, track: len(track.items))
    monkeypatch.setattr(LineStamper, "take", lambda *_: None)
    write(delivery, tmp_path / "built.aaf")
    stamped, built = _read(tmp_path / "stamped.aaf"), _read(tmp_path / "built.aaf")
    assert stamped == built
    # A tape, the timeline, and a file and a master for each of four takes and the M&E; and their sound.
    assert len(built) == 12 + (5 if write is writer.write_embedded else 0)


def test_compound_files_hold_any_number_and_size_of_streams(tmp_path):
    root = Storage("Root Entry")
    wanted = {}
    for number in range(300):
        stream = Stream(f"stream {number}")
        content = bytes([number % 251]) * ((number * 97) % 9000)
        stream.append(content)
        root.children[stream.name] = stream
        wanted[f"/{stream.name}"] = content
    inner = Storage("inner")
    big = Stream("big")
    for _ in range(3):
        big.append(b"x" * 900_000)
    inner.children["big"] = big
    root.children["inner"] = inner
    wanted["/inner/big"] = b"x" * 2_700_000
    path = tmp_path / "any.cfb"
    save_compound(root, bytes(16), path)
    close_streams(root)
    with path.open("rb") as file:
        read = aaf2.cfb.CompoundFileBinary(file)
        found = {
            f"{folder.path().rstrip('/')}/{s.name}": s.open().read()
            for folder, _, streams in read.walk()
            for s in streams
        }
    assert found == wanted
