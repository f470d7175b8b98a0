"""Real timelines out of Premiere, Resolve, Final Cut, Avid, Pro Tools and broadcast houses."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from rythmo.errors import TimelineError
from rythmo_bridge.formats.registry import formats
from rythmo_bridge.frames import on_frames
from rythmo_bridge.readers.files import READERS, read_timeline

DATA = os.environ.get("RYTHMO_TEST_DATA")
CORPUS = Path(DATA or "") / "corpus" / "timelines"
FILES = sorted(p for p in CORPUS.rglob("*") if p.suffix in READERS) if DATA else []
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


def _places(delivery) -> list[list[tuple[int, int]]]:
    """Clips by track, in frames; tracks that a format cannot hold empty are left out."""
    rows = [
        [(delivery.frame(item.start), delivery.frame(item.end)) for item in track.items]
        for track in delivery.tracks
    ]
    return [row for row in rows if row]


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_what_was_read_survives_writing_and_reading(path, tmp_path):
    if path.name in REFUSED:
        pytest.skip("refused")
    read = on_frames(read_timeline(path), tmp_path / "media")
    for name in ("otio", "fcp7"):
        form = formats()[name]
        (written,) = form.write(read, tmp_path / f"again{form.suffix}")
        again = read_timeline(written)
        assert again.frame_rate == read.frame_rate
        assert again.start_frame == read.start_frame
        assert again.name == read.name
        assert _places(again) == _places(read)
