"""Fifteen minutes, four people, five chunks: one identity each, and every word once, over every seam.

The people are tones (see rythmo.engines.fakes), so that what is right is known exactly; the diarizer calls
them by other names in every chunk. `benchmarks/long_programme.py` is the same with speech and real engines.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rythmo.dubbing import analysis, pipeline
from rythmo.dubbing.job import Job
from rythmo.engines import fakes
from rythmo.engines.base import EngineSpec, Kind, Turn
from rythmo.engines.fakes import PITCHES, RATE, tone
from rythmo.project.workspace import Project
from rythmo.settings import LineSettings, SceneSettings, Settings
from rythmo.stages import ingest, programme_speakers, separate, speakers
from rythmo.stages import lines as line_stage
from rythmo.stages.programme_speakers import Likeness

pytestmark = pytest.mark.slow
SECONDS = 900
SCENES = SceneSettings(chunk_seconds=200.0, overlap_seconds=2.0)
SEAMS = (180, 360, 540, 720)
AWAY = (175, 545)
"""One of the four is away from before the second chunk until after the third."""


@dataclass(frozen=True)
class Burst:
    voice: int
    start: int
    end: int


def schedule(order: tuple[int, ...]) -> list[Burst]:
    """Who says what: `order` is the voices by their first entrance, the last of them is away for two chunks.

    Words lie across every seam: over the beginning, the middle and the end of each overlap.
    """
    draw = random.Random("".join(map(str, order)))
    taken = [Burst(voice, round((1 + 1.5 * n) * RATE), round((1.9 + 1.5 * n) * RATE))
             for n, voice in enumerate(order)]  # fmt: skip
    for time in (seam + offset for seam in SEAMS for offset in (0, 1, 2)):
        voice = draw.choice(order[:-1])
        taken.append(Burst(voice, round((time - 0.21) * RATE), round((time + 0.21) * RATE)))
    found, clock, gap = list(taken), 8 * RATE, round(0.25 * RATE)
    while clock < (SECONDS - 2) * RATE:
        here = order[:-1] if AWAY[0] < clock / RATE < AWAY[1] else order
        one = Burst(draw.choice(here), clock, clock + round(draw.uniform(0.35, 1.2) * RATE))
        blocking = [old for old in taken if one.start < old.end + gap and old.start < one.end + gap]
        if not blocking:
            found.append(one)
        clock = max([one.end, *(old.end for old in blocking)]) + draw.choice((1, 2, 4)) * gap
    return sorted(found, key=lambda one: one.start)


def write(path: Path, bursts: list[Burst]) -> Path:
    sound = np.random.default_rng(1).normal(0, 0.003, SECONDS * RATE).astype(np.float32)
    for one in bursts:
        sound[one.start : one.end] += tone(PITCHES[one.voice], one.end - one.start)
    soundfile.write(path, sound, RATE, subtype="PCM_16")
    return path


class Renaming(fakes.FakeDiarizer):
    """A diarizer whose labels mean nothing: other names in every chunk, in another order."""

    def diarize(self, speech, **wishes):
        turns = super().diarize(speech, **wishes)
        labels = sorted({turn.speaker for turn in turns})
        names = random.Random(len(turns)).sample(["one", "two", "three", "four", "five"], len(labels))
        other = dict(zip(labels, names, strict=True))
        return tuple(Turn(turn.start, turn.end, other[turn.speaker]) for turn in turns)


@pytest.fixture(scope="module", params=[(0, 1, 2, 3), (2, 3, 1, 0)], ids=["in order", "shuffled"])
def heard(request, tmp_path_factory):
    """The programme as it was made, and what the stages heard."""
    folder = tmp_path_factory.mktemp("long")
    bursts = schedule(request.param)
    source = write(folder / "long.wav", bursts)
    engines = fakes.specs()
    diarizer = engines[Kind.DIARIZER]
    engines[Kind.DIARIZER] = EngineSpec(diarizer.info, lambda _: Renaming(diarizer.info, fakes.Calls()))
    settings = Settings(scenes=SCENES)
    with pipeline.working(Project(folder / "long.rythmo"), settings, engines=engines) as context:
        ingested = ingest.run(ingest.probe_source(source), context)
        chunks = [
            speakers.run(ingested, separate.run(ingested, n, context), n, context)
            for n in range(len(ingested.chunks))
        ]
        found = analysis.analyse_chunks(ingested, Job(source, "es", "en"), context)
    return bursts, chunks, found


def who(bursts, turns):
    """Voice -> the labels under which it was heard, by time."""
    found: dict[int, set[str]] = {}
    for one in bursts:
        middle = (one.start + one.end) // 2
        labels = {turn.speaker for turn in turns if turn.start <= middle < turn.end}
        found.setdefault(one.voice, set()).update(labels)
    return found


def test_the_programme_is_what_it_is_said_to_be(heard):
    bursts, chunks, _ = heard
    assert len(chunks) == 5
    away = [one for one in bursts if AWAY[0] * RATE < one.start < AWAY[1] * RATE]
    assert len({one.voice for one in away}) == 3 and len({one.voice for one in bursts}) == 4
    assert [len({turn.speaker for turn in chunk.turns}) for chunk in chunks] == [4, 3, 3, 4, 4]
    for seam in SEAMS:
        for time in (seam, seam + 1, seam + 2):
            assert any(one.start < time * RATE < one.end for one in bursts), "a word lies on it"


def test_each_person_is_one_person_all_the_way(heard):
    bursts, _, found = heard
    people = who(bursts, found.turns)
    assert {len(labels) for labels in people.values()} == {1}
    assert len(set.union(*people.values())) == 4


def test_no_word_is_doubled_and_none_is_lost(heard):
    bursts, _, found = heard
    assert len(found.words) == len(bursts)
    for word, one in zip(found.words, bursts, strict=True):
        assert abs(word.start - one.start) <= 960 and abs(word.end - one.end) <= 960
        assert word.text[0] == "abcd"[one.voice]


def test_every_line_is_said_by_who_says_its_words(heard):
    bursts, _, found = heard
    people = {voice: labels.pop() for voice, labels in who(bursts, found.turns).items()}
    lines = line_stage.build(found.words, found.turns, RATE, LineSettings())
    assert sum(len(line.words) for line in lines) == len(bursts)
    for line in lines:
        assert {people["abcd".index(word.text[0])] for word in line.words} == {line.speaker}


def blur(vector):
    return tuple(np.append(np.sqrt(0.1) * np.array(vector), np.sqrt(0.9)).tolist())


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_given_count_is_obeyed_over_all_chunks(heard, count):
    _, chunks, _ = heard
    turns = programme_speakers.match(chunks, Likeness(0.8, 0.8), count)
    assert len({turn.speaker for turn in turns}) == count


def test_where_too_few_were_found_more_likeness_is_asked_for(heard):
    bursts, chunks, _ = heard
    # An embedder by which everybody is much alike: the cosine of two people is 0.9, of one person 1.
    blurred = [
        replace(chunk, vectors={label: blur(vector) for label, vector in chunk.vectors.items()})
        for chunk in chunks
    ]
    assert len({turn.speaker for turn in programme_speakers.match(blurred, Likeness(0.8, 0.8))}) == 1
    people = who(bursts, programme_speakers.match(blurred, Likeness(0.8, 0.8), 4))
    assert [len(labels) for labels in people.values()] == [1] * 4
    assert len(set.union(*people.values())) == 4
