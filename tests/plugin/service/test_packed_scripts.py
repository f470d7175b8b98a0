"""Scripts on their way to a worker, of which only what changed goes over."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.script import store
from rythmo.script.model import Line, Programme, Script, Speaker
from rythmo_plugin.service.packed_scripts import PackedScript, ScriptPacker, ScriptUnpacker
from rythmo_plugin.service.worker_protocol import Message

IDS = st.sampled_from([f"S1_{number:04d}" for number in range(1, 7)])
PROGRAMME = Programme("film", "/media/film.mov", 480_000, 48_000, 2)


def line(ident: str, text: str = "words") -> Line:
    return Line(ident, "S1", int(ident[-1]) * 1000, int(ident[-1]) * 1000 + 500, text)


def script(*lines: Line) -> Script:
    return Script(PROGRAMME, "en", "es", (Speaker("S1", "Ann"),), tuple(lines))


def over_the_pipe(packed: PackedScript) -> PackedScript:
    message = store.decode_json(store.encode_json(Message(script=packed)), Message)
    assert message.script is not None
    return message.script


@given(st.lists(st.dictionaries(IDS, st.sampled_from(["one", "two", None])), min_size=1, max_size=6))
def test_every_script_arrives_whole(films):
    """None keeps the line of the script before, where there was one: edits share most of their lines."""
    packer, unpacker = ScriptPacker(), ScriptUnpacker()
    before: dict[str, Line] = {}
    for texts in films:
        lines = {
            ident: before[ident] if text is None and ident in before else line(ident, text or "new")
            for ident, text in sorted(texts.items())
        }
        sent = script(*lines.values())
        assert unpacker.unpack(over_the_pipe(packer.pack(sent))) == sent
        before = lines


def test_only_the_line_that_changed_goes_over():
    packer = ScriptPacker()
    first = script(*(line(f"S1_{number:04d}") for number in range(1, 7)))
    assert len(packer.pack(first).lines) == 6
    edited = first.with_line(replace(first.lines[2], translation="otra"))
    assert [one.id for one in packer.pack(edited).lines] == ["S1_0003"]
    assert packer.pack(edited).lines == ()


def test_a_new_worker_gets_the_whole_script():
    first = script(line("S1_0001"))
    ScriptPacker().pack(first)
    assert ScriptPacker().pack(first).lines == first.lines


def test_a_script_that_builds_on_lines_that_never_came_is_refused():
    packer = ScriptPacker()
    first = script(line("S1_0001"))
    packer.pack(first)
    with pytest.raises(msgspec.ValidationError, match="S1_0001"):
        ScriptUnpacker().unpack(packer.pack(first))
