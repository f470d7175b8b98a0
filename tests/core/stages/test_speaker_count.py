"""A count that a person gives is obeyed over the whole programme, also where the diarizer hears too few."""

from __future__ import annotations

from dataclasses import replace

import pytest
import toy

from rythmo.dubbing.pipeline import Job, dub
from rythmo.engines import fakes
from rythmo.engines.base import EngineSpec, Kind
from rythmo.settings import DeliverSettings, SceneSettings, Settings, SpeakerSettings

RATE = 48_000
# Three people over 40 s in two chunks; the third speaks only in the second.
SCENE = tuple(
    (who, round(start * RATE) + 13, RATE)
    for who, start in ((0, 1), (1, 3), (0, 5), (1, 8), (0, 12), (1, 15), (2, 23), (0, 26), (2, 30), (1, 34))
)


class Dull(fakes.FakeDiarizer):
    """Hears one person where it is not told how many there are; told, it splits one to have as many."""

    def diarize(self, speech, *, speakers=None, **more):
        turns = super().diarize(speech, speakers=speakers or 1, **more)
        heard = {turn.speaker for turn in turns}
        if len(heard) >= (speakers or 1):
            return turns
        first = [turn for turn in turns if turn.speaker == turns[0].speaker]
        return tuple(replace(turn, speaker="extra") if turn in first[1::2] else turn for turn in turns)


def dubbed(tmp_path, count, dull=True):
    film = toy.write_sound(tmp_path / "film.wav", scene=SCENE, length=40 * RATE, channels=1)
    engines = fakes.specs()
    if dull:
        info = engines[Kind.DIARIZER].info
        engines[Kind.DIARIZER] = EngineSpec(info, lambda _: Dull(info, fakes.Calls()))
    chosen = Settings(
        scenes=SceneSettings(chunk_seconds=20, overlap_seconds=2),
        speakers=SpeakerSettings(count),
        deliver=DeliverSettings("srt"),
    )
    return dub(Job(film, "es", "en", tmp_path / f"out{count}{dull}"), chosen, engines=engines).script


def identities(script):
    """True voice -> our labels."""
    found: dict[int, set[str]] = {}
    for who, start, length in SCENE:
        line = next(line for line in script.lines if line.start <= start + length // 2 < line.end)
        found.setdefault(who, set()).add(line.speaker)
    return found


def test_a_diarizer_that_hears_too_few_is_told(tmp_path):
    assert len(dubbed(tmp_path, 0).speakers) < 3
    script = dubbed(tmp_path, 3)
    assert len(script.speakers) == 3
    found = identities(script)
    assert {len(labels) for labels in found.values()} == {1}, "nobody is two people on two sides of a seam"
    assert len(set.union(*found.values())) == 3


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_count_is_obeyed_where_the_diarizer_hears_all(tmp_path, count):
    assert len(dubbed(tmp_path, count, dull=False).speakers) == count
