"""Worker processes: the same bytes as threads, crashes, errors, cancel."""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import replace
from pathlib import Path

import faulty_engines
import pytest
import toy

from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.errors import CancelledError, EngineFailedError, RythmoError
from rythmo.execution.processes import ProcessExecutor, choose_count
from rythmo.progress import CancelToken
from rythmo.settings import DeliverSettings, ExecutionSettings, SceneSettings, Settings
from rythmo.stages.voice_line import VOICE_FAILED

THREADS = Settings(deliver=DeliverSettings("otio,srt"), scenes=SceneSettings(4.0, 1.0))
PROCESSES = replace(THREADS, execution=ExecutionSettings("processes", workers=1))


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return toy.write_sound(tmp_path_factory.mktemp("film") / "toy.wav")


def dub(film, out, settings=PROCESSES, engines=None, **more):
    job = Job(film, "es", "en", out)
    return pipeline.dub(job, settings, engines=engines or fakes.specs(), **more)


def sounds(result) -> dict[str, bytes]:
    folders = (result.project.stems, result.project.takes)
    return {path.name: path.read_bytes() for folder in folders for path in sorted(folder.rglob("*.wav"))}


def test_processes_make_the_same_sounds_and_tell_where(film, tmp_path):
    events, calls = [], fakes.Calls()
    here = dub(film, tmp_path / "threads", THREADS)
    there = dub(film, tmp_path / "processes", engines=fakes.specs(calls), report=events.append)
    assert sounds(here) == sounds(there)
    assert replace(there.script, programme=here.script.programme) == here.script
    # Only casting spoke with an engine of this process.
    assert set(calls.count) <= {Kind.VOICE}
    assert not calls.spoken
    placed = [event for event in events if event.placement]
    assert {event.stage for event in placed} == {"separate", "speakers", "transcribe", "translate", "voice"}
    assert {event.placement.part for event in placed if event.stage == "separate"} >= {"chunk 1", "chunk 3"}
    assert all(f"process {os.getpid()}" not in event.placement.place for event in placed)
    assert sum(event.placement.running for event in placed) * 2 == len(placed)
    spoken = sum(work.requests for work in there.work if work.stage == "voice")
    assert spoken == sum(work.requests for work in here.work if work.stage == "voice")


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_process_that_dies_once_is_replaced(film, tmp_path):
    result = dub(film, tmp_path, engines=faulty_engines.specs(tmp_path, crashes=1))
    assert all(line.chosen for line in result.script.lines)
    assert len(list(tmp_path.glob("crash-*"))) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_process_that_dies_again_is_one_clear_error_for_its_line(film, tmp_path):
    result = dub(film, tmp_path, engines=faulty_engines.specs(tmp_path, crash_text="b6"))
    failed = [line for line in result.script.lines if not line.chosen]
    assert len(failed) == 1
    (flag,) = [flag for flag in failed[0].flags if flag.code == VOICE_FAILED]
    assert failed[0].id in flag.message
    assert "SIGKILL" in flag.message
    assert "--workers" in flag.message


def test_an_engines_error_arrives_with_its_hint(film, tmp_path):
    with pytest.raises(EngineFailedError, match="lost its tongue"):
        dub(film, tmp_path, engines=faulty_engines.specs(tmp_path, fails=True))


def test_a_defect_in_a_worker_is_told_once_and_not_taken_for_a_bad_line(film, tmp_path):
    with pytest.raises(RythmoError, match="ZeroDivisionError: half a sample") as caught:
        dub(film, tmp_path, engines=faulty_engines.specs(tmp_path, defect=True))
    assert "process" in caught.value.place


def test_a_cancel_reaches_the_processes(film, tmp_path):
    cancel = CancelToken()

    def stop_when_waiting():
        while not (tmp_path / "waiting").exists():
            threading.Event().wait(0.02)
        cancel.cancel()

    threading.Thread(target=stop_when_waiting).start()
    with pytest.raises(CancelledError):
        dub(film, tmp_path, engines=faulty_engines.specs(tmp_path, waits=True), cancel=cancel)


def test_engines_that_cannot_leave_the_process_are_told(film, tmp_path):
    engines = fakes.specs()
    real = engines[Kind.SEPARATOR]

    def create(settings):
        return real.create(settings)

    local = replace(real, create=create)
    with pytest.raises(EngineFailedError, match="another process"):
        dub(film, tmp_path, engines=engines | {Kind.SEPARATOR: local})


def test_services_are_asked_from_the_jobs_own_process(film, tmp_path):
    engines = faulty_engines.sending(faulty_engines.specs(tmp_path), Kind.VOICE)
    dub(film, tmp_path, engines=engines)
    assert {path.name.split("-")[1] for path in Path(tmp_path).glob("spoken-*")} == {str(os.getpid())}


@pytest.mark.parametrize(("wanted", "gpus", "count"), [(3, 0, 3), (3, 2, 3), (0, 2, 2)])
def test_the_number_of_processes(wanted, gpus, count):
    assert choose_count(wanted, gpus) == count


def test_without_a_wish_or_a_gpu_there_is_one_process_a_core():
    assert 1 <= choose_count(0, 0) <= (os.cpu_count() or 1)


def test_an_executor_without_work_starts_no_process(tmp_path):
    executor = ProcessExecutor(print, 2, {"cache": tmp_path})
    executor.close()
