"""Lips that workers draw: the same bytes, and nothing of what was sent stays behind."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import inline_workers
import numpy as np
import pytest

from rythmo.dubbing import pipeline
from rythmo.engines import fakes
from rythmo.engines.lips import CropFace, FaceLibrary, LipRequest
from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio
from rythmo.project.workspace import Project
from rythmo.settings import ExecutionSettings, Settings
from rythmo.stages import lip_requests
from rythmo.timebase import SAMPLE_RATE

KEY = "ab" * 16
COUNT, SIDE, RATE = 5, 48, Fraction(25)
FACE = CropFace((8.0, 6.0, 40.0, 44.0))


def cut(_folder: Path) -> LipRequest:
    draw = np.random.default_rng(3)
    frames = draw.integers(0, 256, (COUNT, SIDE, SIDE, 3), np.uint8)
    others = draw.integers(0, 256, (2, SIDE, SIDE, 3), np.uint8)
    sound = Audio(draw.normal(0, 0.2, (1, COUNT * SAMPLE_RATE // 25)).astype(np.float32), SAMPLE_RATE)
    library = FaceLibrary(others, (FACE,) * 2, (50, 51))
    return LipRequest("line L1, shot 1", frames, RATE, (FACE,) * COUNT, sound, 7, library)


def make_answer(folder: Path, settings: Settings) -> bytes:
    with pipeline.working(Project(folder / "film.rythmo"), settings, engines=fakes.specs()) as context:
        lip_requests.answer(cut, KEY, context)
        return context.artefacts.path(lip_requests.FOLDER, KEY, lip_requests.SUFFIX).read_bytes()


@pytest.fixture
def away(tmp_path, monkeypatch):
    """Settings whose requests go to workers with caches of their own, the folder of their store, and them."""
    made = []
    monkeypatch.setattr(pipeline, "open_execution", inline_workers.opened(str(tmp_path / "store"), made))
    execution = ExecutionSettings(store=str(tmp_path / "store"))
    return replace(Settings(), execution=execution), tmp_path / "store", made


def test_a_worker_makes_the_same_lips_and_what_was_sent_is_removed(tmp_path, away) -> None:
    settings, store, made = away
    there = make_answer(tmp_path / "there", settings)
    (call,) = [call for call in made[0].calls if call.stage == "lips"]
    assert call.part == "line L1, shot 1"
    # What is large does not travel with the call.
    assert call.arguments[0].library.frames.size == 0
    kept = {path.relative_to(store).as_posix() for path in store.rglob("*") if path.is_file()}
    assert kept == {f"lips/{KEY}.mkv"}
    assert not list((tmp_path / "there").rglob("*.npy"))
    # Another machine finds them, and asks nobody.
    assert make_answer(tmp_path / "another", settings) == there
    assert not [call for call in made[1].calls if call.stage == "lips"]


def test_lips_are_the_same_on_threads(tmp_path, away, monkeypatch) -> None:
    there = make_answer(tmp_path / "there", away[0])
    monkeypatch.undo()
    assert make_answer(tmp_path / "here", Settings()) == there


def test_frames_that_do_not_arrive_are_told(tmp_path, away, monkeypatch) -> None:
    monkeypatch.setattr(lip_requests, "_write_frames", lambda path, request: path.write_bytes(b"cut short"))
    with pytest.raises(EngineFailedError, match="frames of line L1, shot 1 did not arrive") as caught:
        make_answer(tmp_path / "there", away[0])
    assert "--store" in caught.value.hint


def test_frames_that_a_killed_run_left_here_reach_the_worker_all_the_same(tmp_path, away) -> None:
    cache = Project(tmp_path / "there" / "film.rythmo").artefacts
    cache.file("lip-frames", KEY, ".npy", lambda path: lip_requests._write_frames(path, cut(tmp_path)))
    assert make_answer(tmp_path / "there", away[0])
