"""Translation and voice overlap: with engines of known delay, the wall time is that of the slowest."""

from __future__ import annotations

import math
import time

import pytest

from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.engines.pool import EnginePool
from rythmo.progress import NEVER
from rythmo.project.workspace import Project
from rythmo.script.model import Line, Programme, Script, Speaker
from rythmo.script.takes import VoiceRef
from rythmo.settings import Settings
from rythmo.stages import translate_and_voice
from rythmo.stages.context import Context

LINES, RATE = 60, 48_000


def script() -> Script:
    lines = tuple(
        Line(f"S1_{n:04}", "S1", n * 2 * RATE, n * 2 * RATE + RATE, f"words {n}") for n in range(1, LINES + 1)
    )
    voice = VoiceRef("toy-voice", "v150", {"hz": 150})
    programme = Programme("film", "film.wav", (LINES + 2) * 2 * RATE, RATE, 1)
    return Script(programme, "en", "es", (Speaker("S1", "Anna", voice),), lines)


def timed(tmp_path, seconds, at_once):
    """(seconds of wall time, calls, the bound): the bound is the slowest engine's own time. n requests of d
    seconds each, of which `at_once` run side by side, take ceil(n / at_once) * d."""
    calls = fakes.Calls(seconds=seconds)
    requests = {Kind.TRANSLATOR: math.ceil(LINES / Settings().translate.window), Kind.VOICE: LINES}
    bound = max(math.ceil(n / at_once[kind]) * seconds[kind] for kind, n in requests.items())
    with EnginePool(given=fakes.specs(calls, at_once)) as pool:
        context = Context(Project(tmp_path / "film.rythmo"), pool, Settings(), lambda _: None, NEVER)
        begun = time.perf_counter()
        done = translate_and_voice.run(script(), context)
        wall = time.perf_counter() - begun
    assert all(line.chosen for line in done.lines)
    assert [line.id for line in done.lines] == [line.id for line in script().lines]
    return wall, calls, bound


@pytest.mark.parametrize(
    ("translator", "voice", "at_once"), [(0.1, 0.4, 4), (1.2, 0.02, 3)], ids=["voice", "translator"]
)
def test_sixty_lines_take_as_long_as_the_slowest_engine(tmp_path, translator, voice, at_once):
    limits = {Kind.TRANSLATOR: at_once, Kind.VOICE: at_once}
    for attempt in ("first", "second", "third"):
        # What else runs on the machine only ever adds to the time.
        seconds = {Kind.TRANSLATOR: translator, Kind.VOICE: voice}
        wall, calls, bound = timed(tmp_path / attempt, seconds, limits)
        assert calls.count == {Kind.TRANSLATOR: 12, Kind.VOICE: 60}
        assert wall >= bound
        if wall <= 1.15 * bound:
            return
    pytest.fail(f"{wall:.2f} s where the slowest engine takes {bound:.2f} s")


def test_an_engine_that_takes_one_request_gets_one(tmp_path):
    limits = {Kind.TRANSLATOR: 1, Kind.VOICE: 1}
    _, calls, _ = timed(tmp_path, {Kind.TRANSLATOR: 0.001, Kind.VOICE: 0.001}, limits)
    assert calls.most == {Kind.TRANSLATOR: 1, Kind.VOICE: 1}
