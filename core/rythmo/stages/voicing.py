"""Translate and voice: windows are translated side by side, and a line is voiced as soon as its own is there.

How long it takes at least: every engine answers `at_once` requests side by side, so n requests of d seconds
take ceil(n / at_once) * d. The slowest engine's time is the bound of the whole; what comes on top is the
first window's translation, since nothing can be voiced before it (`benchmarks/overlap.py` measures it).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import replace
from itertools import count

from rythmo.engines.base import Kind
from rythmo.errors import EngineFailedError
from rythmo.executors import gather, workers
from rythmo.progress import Progress
from rythmo.script.fit import Slot, slots
from rythmo.script.model import Line, Script
from rythmo.stages import rewrite, translate, voice
from rythmo.stages.context import Context

_BESIDE = 2
"""Threads beyond what the engine takes at once: they measure and store takes while it works on others."""


def run(script: Script, context: Context) -> Script:
    """The script with every line translated, voiced and fitted.

    Raises EngineFailedError when no line at all could be voiced.
    """
    target, settings = script.target_language, context.settings
    places = places_of(script, context)
    say = _sayer(script, places, context)
    spans = translate.windows(script.lines, settings.translate.window)
    engines = context.engines
    translating = engines.at_once(Kind.TRANSLATOR, target) if _asks_machine(script) else 1
    speaking = engines.at_once(Kind.VOICE, target) + _BESIDE
    with workers(translating, context.cancel) as translators, workers(speaking, context.cancel) as voices:
        windows = [
            translators.start(lambda span: translate.run(script, span, places, context), span)
            for span in spans
        ]
        waiting: list[Future[Line]] = []
        for window in _told(windows, context):
            waiting += [voices.start(say, line) for line in window]
        lines = gather(waiting)
    _require_some_voice(lines)
    by_id = {line.id: line for line in lines}
    return replace(script, lines=tuple(by_id[line.id] for line in script.lines))


def say_one(script: Script, line_id: str, context: Context) -> Line:
    """One line translated where it has to be, voiced and fitted among the others. Raises ScriptError."""
    line, places = script.line(line_id), places_of(script, context)
    if not line.translation:
        place = [one.id for one in script.lines].index(line_id)
        (line,) = translate.run(script, range(place, place + 1), places, context)
    return _sayer(script, places, context)(line)


def places_of(script: Script, context: Context) -> dict[str, Slot]:
    """The slot of each line."""
    return slots(script.lines, script.programme.length, context.settings.fit)


def _sayer(script: Script, places: dict[str, Slot], context: Context) -> voice.Say:
    by_id = {speaker.id: speaker for speaker in script.speakers}
    target, total, spoken = script.target_language, len(script.lines), count(1)
    reword = rewrite.rewriter(script.source_language, target, context) if _asks_machine(script) else None

    def say(line: Line) -> Line:
        person = by_id[line.speaker]
        own = context.voiced_by(person.voice, target)
        said = voice.run(line, person, places[line.id], target, reword, own)
        context.tell(Progress("voice", next(spoken), total, said.translation, said.id, lines=(said,)))
        return said

    return say


def _asks_machine(script: Script) -> bool:
    return any("translation" not in line.edited for line in script.lines)


def _told(windows: Sequence[Future[tuple[Line, ...]]], context: Context) -> Iterator[tuple[Line, ...]]:
    """The windows as they come; one that is slow holds up only its own lines."""
    for done, window in enumerate(as_completed(windows), 1):
        translated = window.result()
        context.tell(Progress("translate", done, len(windows), lines=translated))
        yield translated


def _require_some_voice(lines: Sequence[Line]) -> None:
    """One line that fails is flagged; when every line failed, the engine did."""
    failed = [flag.message for line in lines for flag in line.flags if flag.code == voice.VOICE_FAILED]
    if failed and not any(line.chosen for line in lines):
        raise EngineFailedError(
            f"No line could be voiced. {failed[0]}", hint="Choose another engine with --voice."
        )
