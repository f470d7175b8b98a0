"""Translate windows in parallel, and voice each line as soon as its translation is there.

The least time it takes: every engine answers `at_once` requests in parallel, so n requests of d seconds take
ceil(n / at_once) * d. The slowest engine's time is the bound of the whole, plus the first window's
translation, since nothing can be voiced before it (`benchmarks/overlap.py` measures it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import replace
from functools import cached_property
from itertools import count

from rythmo.counts import format_count
from rythmo.engines.base import Kind
from rythmo.errors import EngineFailedError
from rythmo.executors import gather_results, start_workers
from rythmo.progress import Progress
from rythmo.script.human_takes import flag_human_take
from rythmo.script.locks import require_unlocked
from rythmo.script.model import Line, Script
from rythmo.script.slots import Slot, find_slots, find_some_slots
from rythmo.script.tempo import find_least_tempos
from rythmo.stages import kept_original, quiet_takes, rewrite, translate, voice_line
from rythmo.stages.context import Context
from rythmo.stages.unchanged_lines import UnchangedLines

# Threads beyond the engine's parallel requests: they measure and store takes while it works on others.
_BESIDE = 2


def run(script: Script, context: Context, spoken: Callable[[Line], None] | None = None) -> Script:
    """Return the script with every line translated, voiced and fitted.

    `spoken` is called with each line as soon as it is; the lines of the result may still be placed otherwise,
    or have other takes. Raises EngineFailedError when no line at all could be translated or voiced.
    """
    script = kept_original.decide(script, context)
    target, settings = script.target_language, context.settings
    places = places_of(script, context)
    sayer = _Sayer(script, places, context, spoken)
    settled = UnchangedLines(script, places, context)
    spans = translate.windows(script.lines, settings.translate.window)
    translating = context.at_once(Kind.TRANSLATOR, target) if _asks_machine(script) else 1
    speaking = context.at_once(Kind.VOICE, target) + _BESIDE
    with (
        start_workers(translating, context.cancel) as translators,
        start_workers(speaking, context.cancel) as voices,
    ):
        windows = [
            translators.start(lambda span: translate.run(script, span, places, context), span)
            for span in spans
        ]
        waiting: list[Future[Line]] = []
        for window in _told(windows, context):
            for line in window:
                if line in settled:
                    waiting.append(_done(sayer.told(line)))
                elif sayer.needs_engine(line):
                    waiting.append(voices.start(sayer.say, line))
                else:
                    waiting.append(_done(sayer.say(line)))
        voiced = gather_results(waiting)
    fixed = [line.id for line in voiced if line in settled or is_unspoken(line)]
    louder = quiet_takes.voice_louder(voiced, fixed, script, places, context)
    lines = even_tempos(louder, fixed, places, context)
    context.ledgers.save()
    _require_some_translation(lines)
    _require_some_voice(lines)
    by_id = {line.id: flag_human_take(line) for line in lines}
    return replace(script, lines=tuple(by_id[line.id] for line in script.lines))


def is_unspoken(line: Line) -> bool:
    """Tell whether no engine speaks the line: a person spoke it, or its original stays."""
    return line.has_human_take or kept_original.is_kept(line)


def even_tempos(
    lines: Sequence[Line], settled: Sequence[str], places: Mapping[str, Slot], context: Context
) -> tuple[Line, ...]:
    """Fit lines again that are much slower than their neighbours. Settled lines keep their samples."""
    raised = find_least_tempos(lines, settled)
    return tuple(
        voice_line.fit_again(line, places[line.id], raised[line.id], context) if line.id in raised else line
        for line in lines
    )


def _done(line: Line) -> Future[Line]:
    future: Future[Line] = Future()
    future.set_result(line)
    return future


def voice_one(script: Script, line_id: str, context: Context) -> Line:
    """Translate one line if needed, then voice and fit it among the others. Raises ScriptError."""
    require_unlocked(script.line(line_id))
    script = kept_original.decide(script, context)
    line = script.line(line_id)
    places = find_some_slots(script.lines, {line_id}, script.programme.length, context.settings.fit)
    if not line.translation:
        place = [one.id for one in script.lines].index(line_id)
        (line,) = translate.run(script, range(place, place + 1), places, context)
    return _Sayer(script, places, context).say(line)


def places_of(script: Script, context: Context) -> dict[str, Slot]:
    """Return the slot of each line by its id."""
    return find_slots(script.lines, script.programme.length, context.settings.fit)


class _Sayer:
    """Voices lines among the others of a script, and reports each."""

    def __init__(
        self,
        script: Script,
        places: dict[str, Slot],
        context: Context,
        spoken: Callable[[Line], None] | None = None,
    ) -> None:
        self._tell_spoken = spoken
        self._script, self._places, self._context = script, places, context
        self._people = {speaker.id: speaker for speaker in script.speakers}
        self._target, self._total, self._spoken = script.target_language, len(script.lines), count(1)
        asks = _asks_machine(script)
        self._reword = rewrite.rewriter(script.source_language, self._target, context) if asks else None

    @cached_property
    def _room(self) -> Mapping[str, tuple[int, int]]:
        return kept_original.find_neighbours(self._script)

    def say(self, line: Line) -> Line:
        """Voice and fit the line."""
        if kept_original.is_kept(line):
            return self.told(kept_original.run(line, self._room[line.id], self._context))
        # The rewriter works from the programme's language only.
        reword = None if line.language else self._reword
        person = self._people[line.speaker]
        own = self._context.voiced_by(person.voice, self._target)
        return self.told(voice_line.run(line, person, self._places[line.id], self._target, reword, own))

    def needs_engine(self, line: Line) -> bool:
        """Tell whether the engine must speak. Other lines are done faster than a thread could take them."""
        return not line.has_human_take and not voice_line.has_same_words(line, self._people[line.speaker])

    def told(self, line: Line) -> Line:
        """Report that the line is done, and return it."""
        done = next(self._spoken)
        self._context.tell(Progress("voice", done, self._total, line.translation, line.id, lines=(line,)))
        if self._tell_spoken is not None:
            self._tell_spoken(line)
        return line


def _asks_machine(script: Script) -> bool:
    return any("translation" not in line.edited for line in script.lines)


def _told(windows: Sequence[Future[tuple[Line, ...]]], context: Context) -> Iterator[tuple[Line, ...]]:
    """Yield windows in the order in which they finish, so that a slow one delays only its own lines."""
    for done, window in enumerate(as_completed(windows), 1):
        translated = window.result()
        context.tell(Progress("translate", done, len(windows), lines=translated))
        yield translated


def _require_some_translation(lines: Sequence[Line]) -> None:
    """One line without a translation is flagged; when none has one, the translator failed."""
    open_ = [line for line in lines if any(flag.code == translate.NO_TRANSLATION for flag in line.flags)]
    if open_ and not any(line.translation for line in lines):
        several = f"None of the {format_count(len(open_), 'line')} could be translated."
        raise EngineFailedError(
            "The line could not be translated." if len(open_) == 1 else several,
            hint="Choose another translator with --translator, or bring --translation FILE.srt.",
        )


def _require_some_voice(lines: Sequence[Line]) -> None:
    """One line that fails is flagged; when every line failed, the engine did."""
    failed = [flag.message for line in lines for flag in line.flags if flag.code == voice_line.VOICE_FAILED]
    if failed and not any(line.chosen for line in lines):
        raise EngineFailedError(
            f"No line could be voiced. {failed[0]}", hint="Choose another engine with --voice."
        )
