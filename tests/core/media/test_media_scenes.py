"""Cuts in a made film, and chunks as properties."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.media.probe import probe
from rythmo.media.scenes import Chunk, find_cuts, plan_chunks
from rythmo.progress import Progress
from rythmo.timebase import SAMPLE_RATE

Make = Callable[..., Path]
SECOND = SAMPLE_RATE


@pytest.mark.parametrize(("name", "rate"), [("a.mp4", "24000/1001"), ("a.mkv", "25"), ("a.ts", "30000/1001")])
def test_cuts_are_where_the_picture_changes(make: Make, name: str, rate: str) -> None:
    scenes = ["testsrc2", "color=white", "mandelbrot"]
    inputs = [
        word
        for s in scenes
        for word in ("-f", "lavfi", "-i", f"{s}{'=' if '=' not in s else ':'}s=320x180:r={rate}")
    ]
    trims = "".join(
        f"[{i}]trim=end_frame={n},setsar=1,format=yuv420p[v{i}];" for i, n in enumerate((20, 31, 15))
    )
    film = make(
        name,
        *inputs,
        *("-f", "lavfi", "-i", "sine=d=2"),
        *(
            "-filter_complex",
            f"{trims}[v0][v1][v2]concat=n=3[v]",
            "-map",
            "[v]",
            "-map",
            "3:a",
            "-c:v",
            "libx264",
        ),
    )
    told: list[Progress] = []
    assert find_cuts(probe(film), told.append) == (20, 51)
    assert all(p.stage == "scenes" and 0 <= p.fraction <= 1 for p in told)


def test_sound_alone_has_no_cuts(make: Make) -> None:
    assert find_cuts(probe(make("a.wav", "-f", "lavfi", "-i", "sine=d=1"))) == ()


def test_chunks_of_whole_scenes() -> None:
    edges = [100 * SECOND, 250 * SECOND, 420 * SECOND]
    assert plan_chunks(500 * SECOND, edges) == (
        Chunk(0, 252 * SECOND),
        Chunk(250 * SECOND, 500 * SECOND),
    )


def test_a_long_scene_is_split_evenly_and_nothing_is_nothing() -> None:
    assert [c.start for c in plan_chunks(700, (), 300, 10)] == [0, 233, 466]
    assert plan_chunks(0) == ()
    assert plan_chunks(5) == (Chunk(0, 5),)


@given(
    st.integers(1, 5000),
    st.lists(st.integers(-10, 6000), max_size=40),
    st.integers(1, 600),
    st.integers(0, 50),
)
def test_chunks_cover_everything_once(length: int, edges: list[int], limit: int, overlap: int) -> None:
    chunks = plan_chunks(length, edges, limit, overlap)
    assert chunks[0].start == 0
    assert chunks[-1].end == length
    for a, b in itertools.pairwise(chunks):
        assert a.start < b.start <= a.start + limit
        assert a.end == min(length, b.start + overlap)
    assert all(0 < c.end - c.start <= limit + overlap for c in chunks)


@given(st.integers(1, 5000), st.lists(st.integers(1, 5000), max_size=40), st.integers(1, 600))
def test_a_scene_that_fits_is_never_split(length: int, edges: list[int], limit: int) -> None:
    marks = sorted({0, length, *(e for e in edges if e < length)})
    starts = {c.start for c in plan_chunks(length, edges, limit, 0)}
    for begin, end in itertools.pairwise(marks):
        if end - begin <= limit:
            assert not any(begin < start < end for start in starts)
