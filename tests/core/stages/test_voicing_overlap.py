"""Translation and voice overlap: the slowest engine always has as many requests as it takes."""

from __future__ import annotations

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


def voiced(tmp_path, seconds, at_once):
    """Return the record of the calls that translate and voice the script."""
    calls = fakes.Calls(seconds=seconds)
    with EnginePool(given=fakes.specs(calls, at_once)) as pool:
        context = Context(Project(tmp_path / "film.rythmo"), pool, Settings(), lambda _: None, NEVER)
        done = translate_and_voice.run(script(), context)
    assert all(line.chosen for line in done.lines)
    assert [line.id for line in done.lines] == [line.id for line in script().lines]
    return calls


@pytest.mark.parametrize(
    ("translator", "voice", "at_once"), [(0.1, 0.2, 4), (0.4, 0.02, 3)], ids=["voice", "translator"]
)
def test_sixty_lines_keep_the_slowest_engine_busy(tmp_path, translator, voice, at_once):
    """The wall time itself is measured in benchmarks/overlap.py: here it would be that of a busy machine."""
    limits = {Kind.TRANSLATOR: at_once, Kind.VOICE: at_once}
    calls = voiced(tmp_path, {Kind.TRANSLATOR: translator, Kind.VOICE: voice}, limits)
    assert calls.count == {Kind.TRANSLATOR: 12, Kind.VOICE: 60}
    slowest = Kind.TRANSLATOR if translator > voice else Kind.VOICE
    assert calls.most[slowest] == at_once
    # The first voices do not wait for the last translations.
    last_translation = len(calls.order) - 1 - calls.order[::-1].index(Kind.TRANSLATOR)
    assert calls.order.index(Kind.VOICE) < last_translation


def test_an_engine_that_takes_one_request_gets_one(tmp_path):
    limits = {Kind.TRANSLATOR: 1, Kind.VOICE: 1}
    calls = voiced(tmp_path, {Kind.TRANSLATOR: 0.001, Kind.VOICE: 0.001}, limits)
    assert calls.most == {Kind.TRANSLATOR: 1, Kind.VOICE: 1}
