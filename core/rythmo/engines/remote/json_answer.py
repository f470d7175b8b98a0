"""JSON as language models write it: fenced, with thoughts or a greeting before it, with commas too many.

Only the form is mended, never a text: what is cut off in the middle of an entry is no answer for its line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

AnswerEntry = Mapping[str, Any]

_THOUGHTS = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_STRAY_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*(?:[}\]]|,))', re.DOTALL)
"""A string, which is kept as it is, or a comma with nothing behind it."""
_NEST = 4
_NAME = "translations"
"""What was asked for: under this name the answer stands, whatever else a model repeats."""


def read_entries(content: str) -> list[AnswerEntry]:
    """The objects that have an `id`, wherever they stand: in a list under any name, in a bare list, one a
    line, or as a table of id -> text."""
    found: list[AnswerEntry] = []
    for value in _values(clean_answer(content)):
        if isinstance(value, dict) and (own := _entries(value.get(_NAME), _NEST)):
            return own
        found += _entries(value, _NEST)
    return found


def clean_answer(content: str) -> str:
    """The text without a model's thoughts and without stray commas."""
    return _STRAY_COMMA.sub(lambda found: found[1] or "", _THOUGHTS.sub("", content).strip())


def _values(text: str) -> Iterator[Any]:
    """Each whole JSON value that begins at an outer bracket; what is before and between them is chatter."""
    at = 0
    while (opening := re.compile(r"[{\[]").search(text, at)) is not None:
        value, at = _value(text, opening.start())
        if value is not None:
            yield value


def _value(text: str, start: int) -> tuple[Any, int]:
    try:
        # Models write real line breaks into strings: `strict` would refuse them.
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
