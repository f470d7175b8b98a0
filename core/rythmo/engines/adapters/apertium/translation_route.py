"""Translation over a route of one or more hops that keeps names and glossary terms unchanged.

The functions are pure, except that they call `run_hop`, which translates lines over one hop. Protected words
are replaced by made-up ones (stream.token), which rule-based engines and small models both leave in place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rythmo.engines.adapters.apertium import stream
from rythmo.engines.adapters.apertium.routes import Hop
from rythmo.engines.base import TranslationRequest

Translated = tuple[str, frozenset[str]]
"""A translated line, and the words in it that the hop did not know."""
RunHop = Callable[[Sequence[str], Hop], list[Translated]]
# The number of the first name token; glossary tokens are numbered from 0.
_FIRST_NAME = 2048


def translate_lines(request: TranslationRequest, way: Sequence[Hop], run_hop: RunHop) -> tuple[str, ...]:
    """Return one translation for each line of the request, in order; glossary terms appear as given."""
    sources = [stream.tidy_line(line.text) for line in request.lines]
    protected = [stream.protect_terms(text, request.glossary) for text in sources]
    found = _pass([text for text, _ in protected], way, run_hop)
    return tuple(
        _finish(text, values, source, request, way, run_hop)
        for text, (_, values), source in zip(found, protected, sources, strict=True)
    )


def _pass(lines: Sequence[str], way: Sequence[Hop], run_hop: RunHop) -> list[str]:
    """Translate all lines over all hops. Names that one hop keeps are protected from the next."""
    texts = list(lines)
    kept: list[dict[int, str]] = [{} for _ in texts]
    for index, hop in enumerate(way):
        found = run_hop(texts, hop)
        texts = [text for text, _ in found]
        if index + 1 < len(way):
            pairs = [
                stream.protect_terms(text, _names(text, line, unknown), _FIRST_NAME + 256 * index)
                for (text, unknown), line in zip(found, lines, strict=True)
            ]
            texts = [text for text, _ in pairs]
            kept = [{**old, **values} for old, (_, values) in zip(kept, pairs, strict=True)]
    return [stream.fill_tokens(text, values) for text, values in zip(texts, kept, strict=True)]


def _names(text: str, source: str, unknown: frozenset[str]) -> dict[str, str]:
    """Return the names in a pivot text that aren't protected by a token yet."""
    found = stream.find_names(text, source, unknown)
    return {word: value for word, value in found.items() if not stream.is_token(word)}


def _finish(
    text: str,
    values: Mapping[int, str],
    source: str,
    request: TranslationRequest,
    way: Sequence[Hop],
    run_hop: RunHop,
) -> str:
    restored = stream.restore_tokens(text, values)
    if restored is None:
        restored = _in_pieces(source, request.glossary, way, run_hop)
    return stream.polish_line(restored, source, request.target)


def _in_pieces(source: str, glossary: Mapping[str, str], way: Sequence[Hop], run_hop: RunHop) -> str:
    """Translate the text between the glossary terms separately, for when a hop dropped a term."""
    text, values = stream.protect_terms(source, glossary)
    pieces, tokens = stream.split_at_tokens(text)
    found = _pass(pieces, way, run_hop)
    joined = [found[0]]
    for number, piece in zip(tokens, found[1:], strict=True):
        joined += [values[number], piece]
    return " ".join(joined)
