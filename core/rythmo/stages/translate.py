"""Translate: lines in windows, with the dialogue around them and the time each line has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rythmo.engines.base import Kind, TranslationLine, TranslationRequest
from rythmo.errors import EngineFailedError
from rythmo.script.model import Flag, Line, Severity, Status
from rythmo.stages.context import Context
from rythmo.workspace import digest

VERSION = 1


def windows(lines: Sequence[Line], size: int) -> list[range]:
    """Index ranges of `size` lines each."""
    return [range(start, min(start + size, len(lines))) for start in range(0, len(lines), size)]


def run(lines: Sequence[Line], window: range, source: str, target: str, context: Context) -> tuple[Line, ...]:
    """The window's lines with their translations; those that have one keep it."""
    inside = [lines[i] for i in window]
    missing = [line for line in inside if not line.translation and "translation" not in line.edited]
    if not missing:
        return tuple(inside)
    # A first translation asks for the whole window, also for lines that a person has translated since:
    # so an edit does not change the question, and its neighbours keep the answer they had.
    fresh = all(not line.translation or "translation" in line.edited for line in inside)
    wanted = inside if fresh else missing
    request = _request(lines, window, wanted, source, target, context.settings.translate.context)
    info = context.engines.info(Kind.TRANSLATOR, target)
    key = digest("translate", VERSION, context.engines.stamp(Kind.TRANSLATOR, target), request)

    def make() -> tuple[str, ...]:
        answer = context.engines.translator(target).translate(request, cancel=context.cancel)
        if len(answer) != len(wanted):
            raise EngineFailedError(
                f"{info.name} returned {len(answer)} translations for {len(wanted)} lines.",
                hint="Try again, or choose another translator with --translator.",
            )
        return answer

    answer = context.project.artefacts.value("translate", key, tuple[str, ...], make)
    said = {line.id: text for line, text in zip(wanted, answer, strict=True)}
    gaps = {line.id for line in missing}
    return tuple(_translated(line, said[line.id]) if line.id in gaps else line for line in inside)


def _request(
    lines: Sequence[Line], window: range, wanted: Sequence[Line], source: str, target: str, around: int
) -> TranslationRequest:
    before = lines[max(0, window.start - around) : window.start]
    after = lines[window.stop : window.stop + around]
    return TranslationRequest(
        lines=tuple(_to_translate(line) for line in wanted),
        source=source,
        target=target,
        before=tuple(_to_translate(line) for line in before),
        after=tuple(_to_translate(line) for line in after),
    )


def _to_translate(line: Line) -> TranslationLine:
    return TranslationLine(line.id, line.speaker, line.text)


def _translated(line: Line, text: str) -> Line:
    if text.strip():
        return replace(line, translation=text.strip(), status=Status.TRANSLATED).without_flags(
            "no-translation"
        )
    flag = Flag("no-translation", "The translator gave nothing for this line.", Severity.ERROR)
    return replace(line, translation="").flag(flag)
