"""JSON as language models write it: in a code fence, after thoughts or a greeting, with stray commas.

Only the form is repaired, never a text: an entry that is cut off does not count as an answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

AnswerEntry = Mapping[str, Any]

_THOUGHTS = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
# A string, which is kept unchanged, or a comma with nothing after it.
_STRAY_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*(?:[}\]]|,))', re.DOTALL)
_NEST = 4
# The key that the prompt asks for. Its value is the answer, whatever else the model repeats.
_NAME = "translations"


def read_entries(content: str) -> list[AnswerEntry]:
    """Return the objects that have an `id`.

    They may be in a list under any key, in a bare list, one on each line, or in a table of id -> text.
    """
    found: list[AnswerEntry] = []
    for value in _values(clean_answer(content)):
        if isinstance(value, dict) and (own := _entries(value.get(_NAME), _NEST)):
            return own
        found += _entries(value, _NEST)
    return found


def clean_answer(content: str) -> str:
    """Remove a model's thoughts and stray commas from its answer."""
    return _STRAY_COMMA.sub(lambda found: found[1] or "", _THOUGHTS.sub("", content).strip())


def _values(text: str) -> Iterator[Any]:
    """Yield each complete JSON value that begins at an outer bracket, skipping the text between them."""
    at = 0
    while (opening := re.compile(r"[{\[]").search(text, at)) is not None:
        value, at = _value(text, opening.start())
        if value is not None:
            yield value


def _value(text: str, start: int) -> tuple[Any, int]:
    try:
        # Models write literal line breaks into strings, which `strict` would refuse.
        return json.JSONDecoder(strict=False).raw_decode(text, start)
    except (json.JSONDecodeError, RecursionError):
        return None, start + 1


def _entries(value: Any, nest: int) -> list[AnswerEntry]:
    if isinstance(value, list):
        return [entry for entry in value if isinstance(entry, dict) and "id" in entry]
    if not isinstance(value, dict) or not nest:
        return []
    if "id" in value:
        return [value]
    for inner in value.values():
        if found := _entries(inner, nest - 1):
            return found
    if value and all(isinstance(text, str) for text in value.values()):
        return [{"id": name, "text": text} for name, text in value.items()]
    return []
