"""Translate lines over a route of one or more hops; names and glossary terms pass every hop untouched.

Pure but for `run_hop`, which translates lines over one hop. What is protected travels as made-up words
(stream.token), which rules and small models alike leave in their places.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rythmo.engines.adapters.apertium import stream
from rythmo.engines.adapters.apertium.routes import Hop
from rythmo.engines.base import TranslationRequest

Translated = tuple[str, frozenset[str]]
"""A line, and its words that the hop did not know."""
RunHop = Callable[[Sequence[str], Hop], list[Translated]]
_FIRST_NAME = 2048
"""Tokens of the glossary are numbered from 0, those of names from here."""


def translate_lines(request: TranslationRequest, way: Sequence[Hop], run_hop: RunHop) -> tuple[str, ...]:
    """Return one translation for each line of the request, in order; glossary terms stand as given."""
    sources = [stream.tidy(line.text) for line in request.lines]
    protected = [stream.protect(text, request.glossary) for text in sources]
    found = _pass([text for text, _ in protected], way, run_hop)
    return tuple(
        _finish(text, values, source, request, way, run_hop)
        for text, (_, values), source in zip(found, protected, sources, strict=True)
    )


def _pass(lines: Sequence[str], way: Sequence[Hop], run_hop: RunHop) -> list[str]:
    """All lines through all hops. Names that a hop keeps pass the next ones untouched."""
    texts = list(lines)
    kept: list[dict[int, str]] = [{} for _ in texts]
    for index, hop in enumerate(way):
        found = run_hop(texts, hop)
        texts = [text for text, _ in found]
        if index + 1 < len(way):
            pairs = [
                stream.protect(text, _names(text, line, unknown), _FIRST_NAME + 256 * index)
                for (text, unknown), line in zip(found, lines, strict=True)
            ]
            texts = [text for text, _ in pairs]
            kept = [{**old, **values} for old, (_, values) in zip(kept, pairs, strict=True)]
    return [stream.fill(text, values) for text, values in zip(texts, kept, strict=True)]


def _names(text: str, source: str, unknown: frozenset[str]) -> dict[str, str]:
    """Names in the pivot's text, less those that are on their way as tokens already."""
    found = stream.names(text, source, unknown)
    return {word: value for word, value in found.items() if not stream.is_token(word)}


def _finish(
    text: str,
    values: Mapping[int, str],
    source: str,
    request: TranslationRequest,
    way: Sequence[Hop],
    run_hop: RunHop,
) -> str:
    restored = stream.restore(text, values)
    if restored is None:
        restored = _in_pieces(source, request.glossary, way, run_hop)
    return stream.polish(restored, source, request.target)


def _in_pieces(source: str, glossary: Mapping[str, str], way: Sequence[Hop], run_hop: RunHop) -> str:
    """Where a hop ate a glossary term: what stands between the terms is translated by itself."""
    text, values = stream.protect(source, glossary)
    pieces, tokens = stream.split_at_tokens(text)
    found = _pass(pieces, way, run_hop)
    joined = [found[0]]
    for number, piece in zip(tokens, found[1:], strict=True):
        joined += [values[number], piece]
    return " ".join(joined)
