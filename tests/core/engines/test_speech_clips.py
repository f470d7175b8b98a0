"""Clips for a recogniser: full, of one language, apart."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rythmo.engines.base import Turn
from rythmo.engines.speech.speech_clips import Stretch, language_stretches, pack_clips
from rythmo.media.audio import make_silence

RATE = 100
SOUND = make_silence(1, 200 * RATE, RATE)


def stretches(*spans: tuple[float, float, str]) -> list[Stretch]:
    return [Stretch(round(start * RATE), round(end * RATE), code) for start, end, code in spans]


def test_short_pauses_are_filled_and_long_ones_not() -> None:
    found = pack_clips(stretches((1, 5, "en"), (7, 9, "en"), (20, 25, "en")), SOUND)
    assert found == stretches((0.8, 9.2, "en"), (19.8, 25.2, "en"))


def test_a_clip_has_one_language() -> None:
    found = pack_clips(stretches((1, 5, "en"), (5, 9, "pt"), (9.1, 12, "en")), SOUND)
    assert [clip.language for clip in found] == ["en", "pt", "en"]
    assert found[0].end == found[1].start == 500


def test_a_long_passage_is_cut_at_its_widest_late_pause() -> None:
    spans = [(0, 8, "en"), (8, 18, "en"), (18.6, 22, "en"), (22.1, 27, "en"), (27.1, 35, "en")]
    first, second = pack_clips(stretches(*spans), SOUND)
    assert (first.end, second.start) == (1820, 1840)


@given(st.lists(st.tuples(st.floats(0, 190), st.floats(0.1, 9)), max_size=30), st.data())
def test_clips_cover_all_speech_in_order_apart_and_short_enough(turns, data) -> None:
    asked = [Turn(round(at * RATE), round((at + length) * RATE), "A") for at, length in turns]
    asked = [turn for turn in asked if turn.end > turn.start]
    spans = language_stretches(asked, SOUND)
    named = [Stretch(start, end, data.draw(st.sampled_from(["en", "pt"]))) for start, end in spans]
    clips = pack_clips(named, SOUND)
    assert all(before.end <= after.start for before, after in pairwise(clips))
    assert all(0 <= clip.start < clip.end <= SOUND.length for clip in clips)
    assert all(clip.end - clip.start <= 28.5 * RATE for clip in clips)
    assert all(
        any(
            clip.start <= one.start and one.end <= clip.end and clip.language == one.language
            for clip in clips
        )
        for one in named
    )
