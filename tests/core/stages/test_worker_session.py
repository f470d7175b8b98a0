"""A dub whose requests run in workers with caches of their own, and a store between them."""

from __future__ import annotations

import itertools
import shutil
from collections import Counter
from dataclasses import replace
from functools import partial

import inline_workers
import numpy as np
import pytest
import toy

from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.engines.base import EngineSpec, Kind
from rythmo.engines.pool import EnginePool
from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio
from rythmo.media.wav import read_audio, write_wav
from rythmo.progress import NEVER, ignore_progress
from rythmo.project.shared_store import open_store
from rythmo.project.workspace import Project
from rythmo.script.takes import VoiceRef
from rythmo.settings import DeliverSettings, SceneSettings, Settings
from rythmo.stages import sound_pieces
from rythmo.stages.context import Context
from rythmo.stages.listening_elsewhere import TranscriberElsewhere, find_transcriber
from rythmo.stages.shared_references import fetch_reference, share_reference
from rythmo.stages.translation_cache import translate_request
from rythmo.stages.worker_session import WorkerPlan

SETTINGS = Settings(deliver=DeliverSettings("otio,srt"), scenes=SceneSettings(4.0, 1.0))


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return toy.write_sound(tmp_path_factory.mktemp("film") / "toy.wav")


@pytest.fixture(scope="module")
def here(film, tmp_path_factory):
    return dub(film, tmp_path_factory.mktemp("here"))


def dub(film, out, engines=None):
    return pipeline.dub(Job(film, "es", "en", out), SETTINGS, engines=engines or fakes.specs())


def sounds(result):
    folders = (result.project.stems, result.project.takes)
    return {path.name: path.read_bytes() for folder in folders for path in sorted(folder.rglob("*.wav"))}


def test_workers_that_share_only_a_store_make_the_same(film, here, tmp_path, monkeypatch):
    made, address = [], str(tmp_path / "store")
    monkeypatch.setattr(pipeline, "open_execution", inline_workers.opened(address, made))
    there = dub(film, tmp_path / "one")
    assert sounds(there) == sounds(here)
    stages = Counter(call.stage for call in made[0].calls)
    assert set(stages) >= {"separate", "speakers", "transcribe", "translate", "voice"}
    work = {one.stage: one.requests for one in here.work}
    assert {one.stage: one.requests for one in there.work}.items() >= work.items()
    # The pieces of the film's sound lie in the store, not here.
    assert not list((there.project.home / "cache" / "pieces").glob("*.wav"))

    # Another driver, which has nothing but the store: no engine is asked again, and no worker.
    shutil.rmtree(tmp_path / "one")
    calls = fakes.Calls()
    again = dub(film, tmp_path / "two", fakes.specs(calls))
    assert sounds(again) == sounds(here)
    assert {call.stage for call in made[1].calls} <= {"qc"}
    assert not calls.spoken


def test_another_version_of_an_engine_is_refused_with_the_place(film, tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(pipeline, "open_execution", inline_workers.opened(str(tmp_path / "store"), made))
    engines = fakes.specs()
    spec = engines[Kind.SEPARATOR]
    newer = iter([spec.info, *[replace(spec.info, version="2")] * 5])
    engines[Kind.SEPARATOR] = EngineSpec(spec.info, partial(_created, spec, newer))
    with pytest.raises(EngineFailedError, match=r"toy-separator 2.*has toy-separator 1") as caught:
        dub(film, tmp_path, engines)
    assert "process" in caught.value.place
    assert "same versions" in caught.value.hint


def test_an_engine_that_only_the_workers_have(film, here, tmp_path, monkeypatch):
    """Its packages are in a runtime_env: nothing of it is installed where the dub is started."""
    made, calls = [], fakes.Calls()
    monkeypatch.setattr(pipeline, "open_execution", inline_workers.opened(str(tmp_path / "store"), made))
    monkeypatch.setattr(pipeline, "find_absent", lambda _: frozenset({"toy-voice", "toy-transcriber"}))
    engines = fakes.specs(calls)
    for kind in (Kind.VOICE, Kind.TRANSCRIBER):
        spec = engines[kind]
        declared = replace(spec.info, version="declared")
        engines[kind] = EngineSpec(declared, partial(_created, spec, itertools.repeat(spec.info)))
    there = dub(film, tmp_path / "there", engines)
    assert sounds(there) == sounds(here)
    assert there.script.engines["voice"] == here.script.engines["voice"] == "toy-voice 1"
    assert {call.stage for call in made[0].calls} >= {"cast", "engines"}


def _created(spec, infos, settings):
    engine = spec.create(settings)
    engine.info = next(infos)
    return engine


def make_context(tmp_path, name, store, **more):
    pool = EnginePool(given=fakes.specs())
    return Context(Project(tmp_path / name), pool, SETTINGS, ignore_progress, NEVER, store=store, **more)


def test_the_reference_of_a_clone_reaches_the_machine_that_speaks(tmp_path):
    store = open_store(str(tmp_path / "store"))
    driver, worker = (make_context(tmp_path, f"{name}.rythmo", store) for name in ("driver", "worker"))
    references = tmp_path / "driver.rythmo" / "references"
    driver.engines.of_job = {"references": str(references)}
    references.mkdir(parents=True)
    toy.write_sound(references / "abc123.wav", length=4800, scene=())
    voice = VoiceRef("qwen-tts", "clone-abc123")
    share_reference(voice, driver)
    share_reference(VoiceRef("kokoro", "ef_dora"), driver)
    fetch_reference(voice, worker)
    arrived = worker.artefacts.path("references", "abc123", ".wav")
    assert arrived.read_bytes() == (references / "abc123.wav").read_bytes()


def test_quality_control_listens_with_the_workers(tmp_path):
    plan = WorkerPlan(SETTINGS, {}, store=str(tmp_path / "store"), given=fakes.specs())
    executor = inline_workers.InlineExecutor(plan, tmp_path / "cache")
    context = make_context(tmp_path, "film.rythmo", None, executor=executor)
    listener = find_transcriber("es", context)
    assert isinstance(listener, TranscriberElsewhere)
    sound = Audio(np.concatenate([fakes.tone(300, 24_000), np.zeros(4800, np.float32)])[np.newaxis], 48_000)
    assert [word.text for word in listener.transcribe(sound, language="es")] == ["b5"]
    assert listener.find_language(sound) == ""
    assert {call.stage for call in executor.calls} == {"qc"}
    executor.close()


def test_an_answer_with_gaps_is_not_kept_so_that_a_later_run_asks_again(tmp_path):
    from rythmo.engines.base import TranslationLine, TranslationRequest

    context = make_context(tmp_path, "film.rythmo", None)
    worker = replace(context, cache=context.artefacts)
    request = TranslationRequest((TranslationLine("a", "S1", "one"),), "en", "es")
    gap = replace(request, lines=(TranslationLine("b", "S1", "two"),))
    worker.engines.translator("es").translate = lambda request, cancel: tuple(
        "" if line.text == "two" else line.text for line in request.lines
    )
    assert translate_request(request, "1" * 32, worker) == ("one",)
    assert translate_request(gap, "2" * 32, worker) == ("",)
    assert worker.artefacts.find_value("answers", "1" * 32, tuple[str, ...]) == ("one",)
    assert worker.artefacts.find_value("answers", "2" * 32, tuple[str, ...]) is None


def test_what_was_separated_here_before_reaches_the_workers(film, here, tmp_path, monkeypatch):
    home = shutil.copytree(here.project.home, tmp_path / here.project.home.name)
    shutil.rmtree(home / "cache" / "speakers")
    made = []
    monkeypatch.setattr(pipeline, "open_execution", inline_workers.opened(str(tmp_path / "store"), made))
    assert sounds(dub(film, tmp_path)) == sounds(here)
    assert "speakers" in {call.stage for call in made[0].calls}


def test_a_piece_that_a_killed_run_left_here_reaches_the_store(film, tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "open_execution", inline_workers.opened(str(tmp_path / "store"), []))
    with pipeline.working(Project(tmp_path / "x.rythmo"), SETTINGS, engines=fakes.specs()) as context:
        piece = sound_pieces._piece(film, 0, 4800, context)
        piece.parent.mkdir(parents=True)
        write_wav(piece, read_audio(film, 0, 4800), subtype="PCM_24")
        sound_pieces.share_piece(film, 0, 4800, context)
        assert context.artefacts.has_shared("pieces", piece.stem, ".wav")
