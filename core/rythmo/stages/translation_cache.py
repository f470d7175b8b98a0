"""Translate windows through a cache, so that nothing is paid for twice.

Answers are stored before they are used. Each line's answer is remembered by itself as well: when lines around
it were split, joined, added or deleted, it is not translated again, in other words. A line for which the
translator returned nothing stays without a translation while the others continue. A later run requests that
line again, and only that line.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from rythmo.counts import format_count
from rythmo.engines.base import Kind, TranslationRequest
from rythmo.errors import EngineFailedError, UselessAnswerError
from rythmo.execution.calls import EngineCall
from rythmo.project.workspace import hash_values
from rythmo.script.glossary import select_terms
from rythmo.stages.context import Context

VERSION = 1
_log = logging.getLogger(__name__)


def translate_cached(request: TranslationRequest, context: Context) -> tuple[str, ...]:
    """Return a translation for each line of the request, "" for a line without one.

    Raises what the engine raises when it fails, but not when only its answer is useless.
    """
    store, stamp = context.artefacts, context.engines.stamp(Kind.TRANSLATOR, request.target)
    key = hash_values("translate", VERSION, stamp, request)
    memory = _Memory(request, stamp, context)
    asked_now: list[bool] = []

    def make() -> tuple[str, ...]:
        asked_now.append(True)
        return _ask_unknown(request, memory, context)

    try:
        answer = store.value("translate", key, tuple[str, ...], make)
    except UselessAnswerError as error:
        _log.warning("%s", error.message)
        return ("",) * len(request.lines)
    memory.keep(answer)
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
    memory.keep(whole)
    return store.keep("translate", key, whole)


class _Memory:
    """What the translator made of each line of a request before, whatever stood around it then."""

    def __init__(self, request: TranslationRequest, stamp: str, context: Context) -> None:
        self._ledger = context.ledger("line-translations", str)
        self._keys = [
            hash_values(
                VERSION,
                stamp,
                request.source,
                request.target,
                select_terms([line.text], request.glossary),
                line,
            )
            for line in request.lines
        ]

    def known(self) -> dict[int, str]:
        """The remembered answers by their place in the request."""
        found = ((place, self._ledger.find(key)) for place, key in enumerate(self._keys))
        return {place: text for place, text in found if text}

    def keep(self, answer: Sequence[str]) -> None:
        """Remember the answers."""
        for key, text in zip(self._keys, answer, strict=True):
            if text.strip():
                self._ledger.put(key, text)


def _ask_unknown(request: TranslationRequest, memory: _Memory, context: Context) -> tuple[str, ...]:
    """Ask for the lines that are not remembered, with the others around them."""
    known = memory.known()
    open_ = [place for place in range(len(request.lines)) if place not in known]
    if not open_:
        return tuple(known[place] for place in range(len(request.lines)))
    if known:
        asked = replace(
            request,
            lines=tuple(request.lines[place] for place in open_),
            before=(*request.before, *request.lines[: open_[0]]),
            after=(*request.lines[open_[-1] + 1 :], *request.after),
        )
        known |= dict(zip(open_, _asked(asked, context), strict=True))
        return tuple(known[place] for place in range(len(request.lines)))
    return _asked(request, context)


def _asked(request: TranslationRequest, context: Context) -> tuple[str, ...]:
    answer = ask_translator(request, context)
    if len(answer) != len(request.lines):
        name = context.engines.info(Kind.TRANSLATOR, request.target).name
        raise EngineFailedError(
            f"{name} returned {format_count(len(answer), 'translation')} for "
            f"{format_count(len(request.lines), 'line')}.",
            hint="Try again, or choose another translator with --translator.",
        )
    return answer


def ask_translator(request: TranslationRequest, context: Context) -> tuple[str, ...]:
    """Return the translator's answer, from wherever the job's requests run."""
    target = request.target
    info = context.engines.info(Kind.TRANSLATOR, target)
    key = hash_values("answer", VERSION, context.engines.stamp(Kind.TRANSLATOR, target), request)
    away = context.sends_away(info)
    if away and (known := context.artefacts.find_value("answers", key, tuple[str, ...])) is not None:
        return known
    part = request.lines[0].id if request.lines else ""
    arguments = (request, key)
    return context.carry_out(
        EngineCall("translate", part, Kind.TRANSLATOR, target, info, key, translate_request, arguments)
    )


def translate_request(request: TranslationRequest, key: str, context: Context) -> tuple[str, ...]:
    """Translate a request with the engine of this process.

    In a worker process a complete answer is stored under the key. One with gaps is not, because a later run
    asks for those again.
    """
    target = request.target
    with context.engines.turn(Kind.TRANSLATOR, target, context.cancel):
        answer = tuple(context.engines.translator(target).translate(request, cancel=context.cancel))
    pairs = zip(request.lines, answer, strict=False)
    gaps = [line.id for line, text in pairs if line.text.strip() and not text.strip()]
    return answer if gaps else context.keep_elsewhere("answers", key, answer)
