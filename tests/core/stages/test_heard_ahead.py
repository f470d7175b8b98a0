"""A chunk is diarized while it is separated, once, and not again for a result that is there."""

from __future__ import annotations

import threading

import pytest
import toy

from rythmo.dubbing import analysis, pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.engines.base import EngineSpec, Kind
from rythmo.errors import EngineFailedError
from rythmo.project.workspace import Project
from rythmo.settings import SceneSettings, Settings
from rythmo.stages import ingest

RATE = 48_000
SCENE = ((0, RATE, RATE), (1, 4 * RATE, RATE))
CHUNKS = {"one chunk": 30, "two chunks": 15}


def with_engines(separator, diarizer, calls):
    engines = fakes.specs()
    for kind, made in ((Kind.SEPARATOR, separator), (Kind.DIARIZER, diarizer)):
        info = engines[kind].info
        engines[kind] = EngineSpec(info, lambda _, made=made, info=info: made(info, calls))
    return engines


def analyse(folder, engines, seconds=30):
    source = toy.write_sound(folder / "film.wav", scene=SCENE, length=20 * RATE, channels=1)
    settings = Settings(scenes=SceneSettings(chunk_seconds=seconds, overlap_seconds=2))
    with pipeline.working(Project(folder / "film.rythmo"), settings, engines=engines) as context:
        ingested = ingest.run(ingest.probe_source(source), context)
        return len(ingested.chunks), analysis.analyse_chunks(ingested, Job(source, "es", "en"), context)


@pytest.mark.parametrize("seconds", CHUNKS.values(), ids=CHUNKS)
def test_the_diarizer_listens_while_the_separator_works_and_once(tmp_path, seconds):
    heard, calls = threading.Event(), fakes.Calls()

    class Waiting(fakes.FakeSeparator):
        def separate(self, mix, **more):
            assert heard.wait(20), "nobody listened meanwhile"
            return super().separate(mix, **more)

    class Listening(fakes.FakeDiarizer):
        def diarize(self, speech, **more):
            heard.set()
            return super().diarize(speech, **more)

    engines = with_engines(Waiting, Listening, calls)
    chunks, found = analyse(tmp_path, engines, seconds)
    assert calls.count[Kind.DIARIZER] == chunks
    assert len({turn.speaker for turn in found.turns}) == 2

    for file in (tmp_path / "film.rythmo").rglob("turns/*"):
        file.unlink()
    assert analyse(tmp_path, engines, seconds)[1].turns == found.turns
    assert calls.count[Kind.DIARIZER] == chunks, "it was asked again for what is there"


def test_what_stops_the_diarizer_is_told_and_the_separated_sound_is_kept(tmp_path):
    class Broken(fakes.FakeDiarizer):
        def diarize(self, speech, **more):
            raise EngineFailedError("It cannot hear.")

    calls = fakes.Calls()
    with pytest.raises(EngineFailedError, match="cannot hear"):
        analyse(tmp_path, with_engines(fakes.FakeSeparator, Broken, calls))
    assert calls.count[Kind.SEPARATOR] == 1
    analyse(tmp_path, with_engines(fakes.FakeSeparator, fakes.FakeDiarizer, calls))
    assert calls.count[Kind.SEPARATOR] == 1
