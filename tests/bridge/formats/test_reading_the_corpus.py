"""Real timelines of Premiere, Resolve, Final Cut, Avid, Pro Tools and broadcasters."""

from __future__ import annotations

import os
import time
from functools import lru_cache
from pathlib import Path

import pytest

from rythmo.errors import TimelineError
from rythmo_bridge.formats.features import Feature
from rythmo_bridge.formats.registry import Format, formats, read_timeline, timeline_suffixes
from rythmo_bridge.frame_grid import on_frames
from rythmo_bridge.timeline import Kind, Timeline

DATA = os.environ.get("RYTHMO_TEST_DATA")
CORPUS = Path(DATA or "") / "corpus" / "timelines"
FILES = sorted(p for p in CORPUS.rglob("*") if p.suffix in timeline_suffixes()) if DATA else []
REFUSED = {
    "EMPTY_SEQUENCE.xml": "it holds no sequence",
    "dnpr63001011.xml": "it holds no sequence",
}
"""Both are bins with one clip; there is nothing to lay out."""

pytestmark = [
    pytest.mark.needs_data,
    pytest.mark.skipif(not FILES, reason="RYTHMO_TEST_DATA names no folder with corpus/timelines"),
]


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_every_file_is_read_or_refused_in_one_clear_line(path):
    begun = time.process_time()
    if path.name in REFUSED:
        with pytest.raises(TimelineError, match=REFUSED[path.name]) as caught:
            read_timeline(path)
        assert "\n" not in caught.value.message
        assert caught.value.hint
    else:
        delivery = read_timeline(path)
        assert delivery.frame_rate > 0
        assert delivery.tracks
        for track in delivery.tracks:
            ends = [0, *(item.end for item in track.items)]
            assert all(item.length > 0 for item in track.items)
            assert all(item.start >= end for item, end in zip(track.items, ends, strict=False))
        assert all(item.media in delivery.media for _, item in delivery.items() if item.media)
    assert time.process_time() - begun < 5


TEXT = ["otio", "otio-resolve", "otio-premiere", "fcp7", "fcpxml", "fcpxml-resolve"]


@lru_cache(maxsize=4)
def _read(path: Path) -> Timeline:
    # Nothing is rendered: no media of the corpus is there.
    return on_frames(read_timeline(path), Path("no media"))


def _items(delivery: Timeline, form: Format) -> list[tuple[object, ...]]:
    """What the table says that the format keeps of each clip, in order of place."""
    found = []
    for track in delivery.tracks:
        for item in track.items:
            media = delivery.media_of(item)
            facts = {
                Feature.CLIP_NAMES: item.name,
                Feature.CLIP_STATE: item.enabled and track.enabled,
                Feature.GAIN: round(item.gain_db, 2) if track.kind is Kind.AUDIO and not item.levels else 0,
                Feature.SPEED: round(item.speed, 3),
                # A path of Windows comes back with forward slashes from a URL.
                Feature.PATHS: str(media.path).replace("\\", "/") if media else None,
                Feature.NESTED: _shape(item.nested) if item.nested and not media else None,
            }
            # Final Cut Pro X has no empty clips: what has no media becomes a gap, which is no clip when read.
            if form.name.startswith("fcpxml") and media is None and item.nested is None:
                continue
            place = (track.kind, delivery.frame(item.start), delivery.frame(item.end))
            source = delivery.frame(item.source) if media is not None else 0
            found.append((*place, source, *(facts[feature] for feature in facts if feature in form.keeps)))
    return sorted(found, key=repr)


def _shape(nested: Timeline) -> list[tuple[int, int]]:
    return sorted((nested.frame(i.start), nested.frame(i.end)) for _, i in nested.items() if i.media)


@pytest.mark.parametrize("name", TEXT)
@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_what_was_read_survives_writing_and_reading(path, name, tmp_path):
    if path.name in REFUSED:
        pytest.skip("refused")
    form, read = formats()[name], _read(path)
    (written,) = form.write(read, tmp_path / f"again{form.suffix}")
    again = read_timeline(written)
    facts = [(d.name, d.frame_rate, d.start_frame, d.drop) for d in (again, read)]
    assert facts[0] == facts[1]
    assert _items(again, form) == _items(read, form)
    if Feature.TRACK_NAMES in form.keeps and not form.name.startswith("fcpxml"):
        wanted = [track.name for track in read.tracks if track.items]
        assert [track.name for track in again.tracks if track.items] == wanted


LEVELS = {
    "PT_Audio_Levels-noEMCC-noExpTracksAsMultiChannel.aaf": 9,
    "DR_Audio_Levels.aaf": 8,
    "PR_Audio_Levels-noBTM.aaf": 6,
    "MC_Audio_Levels.aaf": 6,
}
"""Clips with a gain or keyframes, counted with pyaaf2 by the id of the parameter: Pro Tools names none.
Those of Media Composer with its volume automation."""


@pytest.mark.parametrize("name", LEVELS)
def test_levels_of_every_program_are_read(name):
    if not (CORPUS / "aaf" / name).is_file():
        pytest.skip("not in this corpus")
    items = [item for _, item in read_timeline(CORPUS / "aaf" / name).items()]
    assert sum(bool(item.gain_db or item.levels) for item in items) == LEVELS[name]
