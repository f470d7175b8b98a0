"""AAF files that are circular or have changed bytes: rejected or read, quickly, and never a crash."""

from __future__ import annotations

import random
import struct
import time
from pathlib import Path

import aaf2
import pytest

from rythmo.errors import TimelineError
from rythmo_bridge.deliver import deliver
from rythmo_bridge.formats.registry import read_timeline


@pytest.fixture
def made(dub) -> Path:
    """A delivery with linked sound."""
    (path,) = deliver(dub.folder, dub.script, ["aaf"], source=dub.source)
    return path


def _soon(path: Path) -> TimelineError | None:
    begun = time.process_time()
    try:
        read_timeline(path)
    except TimelineError as error:
        assert "\n" not in error.message
        assert error.hint
        return error
    finally:
        assert time.process_time() - begun < 5
    return None


def test_a_clip_that_plays_itself_is_refused(made):
    with aaf2.open(str(made), "rw") as file:
        for master in file.content.mastermobs():
            for slot in master.slots:
                slot.segment.mob = master
    error = _soon(made)
    assert error is not None
    assert "refers to itself" in error.message


def test_compositions_inside_each_other_are_refused(made):
    with aaf2.open(str(made), "rw") as file:
        (top,) = file.content.toplevel()
        inner = file.create.CompositionMob("inner")
        file.content.mobs.append(inner)
        for mob, other in ((inner, top), (top, inner)):
            slot = mob.create_timeline_slot(25)
            clip = file.create.SourceClip(media_kind="sound", length=100)
            clip.mob, clip.slot_id, clip.start = other, 2, 0
            slot.segment = clip
    error = _soon(made)
    assert error is not None
    assert "contains itself" in error.message


def test_a_directory_that_runs_in_a_circle_is_refused(made):
    data = bytearray(made.read_bytes())
    start = (struct.unpack_from("<I", data, 48)[0] + 1) * 4096
    child = struct.unpack_from("<I", data, start + 76)[0]
    struct.pack_into("<II", data, start + child * 128 + 68, child, child)
    made.write_bytes(data)
    error = _soon(made)
    assert error is not None
    assert "circular" in error.message


def test_a_chain_of_sectors_that_runs_in_a_circle_is_refused(made):
    data = bytearray(made.read_bytes())
    (table,) = struct.unpack_from("<I", data, 76)
    (directory,) = struct.unpack_from("<I", data, 48)
    struct.pack_into("<I", data, (table + 1) * 4096 + directory * 4, directory)
    made.write_bytes(data)
    error = _soon(made)
    assert error is not None
    assert "circular" in error.message


@pytest.mark.parametrize("seed", range(3))
def test_changed_bytes_are_refused_or_read_but_never_crash_or_hang(made, seed):
    whole, rng = made.read_bytes(), random.Random(seed)
    outcomes = set()
    for _ in range(40):
        data = bytearray(whole)
        for _ in range(rng.choice([1, 20, 400])):
            data[rng.randrange(len(data))] = rng.randrange(256)
        made.write_bytes(data[: rng.choice([len(data), rng.randrange(600, len(data))])])
        outcomes.add(_soon(made) is None)
    assert outcomes == {True, False}


def test_a_stereo_pair_reads_as_one_track_again(made, dub):
    names = [(track.name, track.channels) for track in read_timeline(made).tracks]
    assert names[-2:] == [("M&E", 2), ("Original", 2)]


def test_it_reads_what_pyaaf2_reads(made, dub):
    with aaf2.open(str(made)) as file:
        (top,) = file.content.toplevel()
        places = {}
        for slot in top.slots:
            at = 0
            for part in getattr(slot.segment, "components", ()):
                if type(part).__name__ == "SourceClip":
                    places[part.mob.name] = (at, part.length, part.start)
                at += part.length
    found = {
        item.name: (item.start, item.length, item.source)
        for _, item in read_timeline(made).items()
        if item.line
    }
    assert found == {name: places[name] for name in found}
    assert len(found) == len(dub.script.lines)
