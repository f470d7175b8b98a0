"""Translate windows through a cache, so that nothing is paid for twice.

Answers are stored before they are used. A line for which the translator returned nothing stays without a
translation while the others continue. A later run requests that line again, and only that line.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from rythmo.engines.base import Kind, TranslationRequest
from rythmo.errors import EngineFailedError, UselessAnswerError
from rythmo.project.workspace import hash_values
from rythmo.stages.context import Context

VERSION = 1
_log = logging.getLogger(__name__)


def translate_cached(request: TranslationRequest, context: Context) -> tuple[str, ...]:
    """Return a translation for each line of the request, "" for a line without one.

    Raises what the engine raises when it fails, but not when only its answer is useless.
    """
    store, stamp = context.artefacts, context.engines.stamp(Kind.TRANSLATOR, request.target)
    key = hash_values("translate", VERSION, stamp, request)
    asked_now: list[bool] = []

    def make() -> tuple[str, ...]:
        asked_now.append(True)
        return _asked(request, context)

    try:
        answer = store.value("translate", key, tuple[str, ...], make)
    except UselessAnswerError as error:
        _log.warning("%s", error.message)
        return ("",) * len(request.lines)
    gaps = [
        place for place, text in enumerate(answer) if request.lines[place].text.strip() and not text.strip()
    ]
    if asked_now or not gaps:
        return answer
    try:
        again = _asked(replace(request, lines=tuple(request.lines[place] for place in gaps)), context)
    except UselessAnswerError as error:
        _log.warning("%s", error.message)
        return answer
    found = dict(zip(gaps, again, strict=True))
    whole = tuple(found.get(place, text) for place, text in enumerate(answer))
    return store.keep("translate", key, whole)


def _asked(request: TranslationRequest, context: Context) -> tuple[str, ...]:
    target = request.target
    with context.engines.turn(Kind.TRANSLATOR, target, context.cancel):
        answer = context.engines.translator(target).translate(request, cancel=context.cancel)
    if len(answer) != len(request.lines):
        name = context.engines.info(Kind.TRANSLATOR, target).name
        raise EngineFailedError(
            f"{name} returned {len(answer)} translations for {len(request.lines)} lines.",
            hint="Try again, or choose another translator with --translator.",
        )
    return answer
