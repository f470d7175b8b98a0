"""Get another wording of a line that is too long or too short for its slot."""

from __future__ import annotations

import logging
from collections.abc import Callable

from rythmo.engines.base import Kind, TranslationLine, TranslationRequest
from rythmo.errors import UselessAnswerError
from rythmo.project.workspace import hash_values
from rythmo.script import language_check
from rythmo.script.answer_wrapping import strip_wrapping
from rythmo.script.model import Line
from rythmo.script.pace import count_units
from rythmo.script.text_checks import find_faults
from rythmo.stages.context import Context
from rythmo.stages.translate import BUDGET
from rythmo.stages.translation_cache import ask_translator

VERSION = 1
_log = logging.getLogger(__name__)


def rewriter(source: str, target: str, context: Context) -> Callable[[Line, float], str | None] | None:
    """Return a function that requests another wording from the translator, or None when it cannot do that."""
    info = context.engines.info(Kind.TRANSLATOR, target)
    if BUDGET not in info.capabilities:
        return None

    def rewrite(line: Line, ratio: float) -> str | None:
        budget = max(1, int(count_units(line.spoken_translation, target) * ratio))
        asked = TranslationLine(line.id, line.speaker, line.spoken_text, budget)
        request = TranslationRequest((asked,), source, target, strict=ratio < 1)
        key = hash_values(
            "rewrite", VERSION, context.engines.stamp(Kind.TRANSLATOR, target), request, line.translation
        )

        def make() -> tuple[str, ...]:
            return ask_translator(request, context)

        try:
            answer = context.artefacts.value("translate", key, tuple[str, ...], make)
        except UselessAnswerError as error:
            _log.warning("%s", error.message)
            return None
        text = strip_wrapping(answer[0], line.spoken_text, (line.speaker,)) if answer else ""
        if find_faults(
            line.spoken_text, text, source=source, target=target, detect=language_check.compare_languages
        ):
            return None
        return text if text and text != line.spoken_translation else None

    return rewrite
