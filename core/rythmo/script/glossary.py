"""Names and terms that must be translated in one way: read from a file, looked for in lines.

A glossary maps a term of the original to what stands for it in the translation; a term that maps to itself is
not translated.
"""

from __future__ import annotations

import csv
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rythmo.errors import InputError
from rythmo.script import pace

Glossary = Mapping[str, str]
_HEADERS = {("source", "target"), ("term", "translation"), ("from", "to")}
_UNSPACED = {"CJK", "HIRAGANA", "KATAKANA", "THAI"}
_HINT = (
    "Write one term a line, `term = translation`, or `term` alone for what is not translated; "
    "or a CSV with two columns; or a TOML file with [terms] and keep = [...]."
)


def read_glossary(path: Path) -> dict[str, str]:
    """Return the glossary in a .csv, .toml or text file. Raises InputError.

    CSV: two columns, with or without a header. TOML: a table `[terms]`, and `keep`, a list of what is not
    translated. Text: `term = translation` or `term`; what follows a # at the start of a line is a comment.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", hint="Check the path.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not text in UTF-8.", hint="Save it as UTF-8.") from error
    kinds = {".csv": _from_csv, ".tsv": _from_csv, ".toml": _from_toml}
    pairs = kinds.get(path.suffix.lower(), _from_lines)(text, path)
    terms = {term.strip(): (meant.strip() or term.strip()) for term, meant in pairs if term.strip()}
    if not terms:
        raise InputError(f"{path} has no terms.", hint=_HINT)
    return terms


def _from_csv(text: str, path: Path) -> list[tuple[str, str]]:
    lines = [line for line in text.splitlines() if line.strip()]
    first = lines[0] if lines else ""
    mark = max(",;\t", key=first.count)
    rows = list(csv.reader(lines, delimiter=mark))
    for number, row in enumerate(rows, 1):
        if len(row) > 2 and any(cell.strip() for cell in row[2:]):
            raise InputError(f"{path}, row {number}: it has {len(row)} columns.", hint=_HINT)
    pairs = [(row[0], row[1] if len(row) > 1 else "") for row in rows]
    header = bool(pairs) and (pairs[0][0].strip().lower(), pairs[0][1].strip().lower()) in _HEADERS
    return pairs[header:]


def _from_toml(text: str, path: Path) -> list[tuple[str, str]]:
    try:
        data: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is not valid TOML: {error}.", hint=_HINT) from error
    terms, keep = data.get("terms", {}), data.get("keep", [])
    texts = isinstance(terms, dict) and isinstance(keep, list)
    if not texts or not all(isinstance(one, str) for one in (*terms.values(), *keep)) or set(data) - {
        "terms", "keep",
    }:  # fmt: skip
        raise InputError(f"{path} is not a glossary.", hint=_HINT)
    return [*terms.items(), *((term, term) for term in keep)]


def _from_lines(text: str, _: Path) -> list[tuple[str, str]]:
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return [(term, meant) for term, _, meant in (line.partition("=") for line in lines)]


def select_terms(texts: Iterable[str], glossary: Glossary) -> dict[str, str]:
    """Return the entries of a glossary whose terms occur in the texts."""
    said = list(texts)
    return {
        term: meant
        for term, meant in glossary.items()
        if any(contains_term(text, term, by_word=True) for text in said)
    }


def find_missing_terms(original: str, translation: str, glossary: Glossary, language: str) -> tuple[str, ...]:
    """Return the glossary's translations that should be in the text and are not."""
    spaced = pace.choose_unit(language) is pace.PaceUnit.WORDS
    return tuple(
        meant
        for meant in select_terms([original], glossary).values()
        if not contains_term(translation, meant, by_word=spaced and len(meant) < 4)
    )


def contains_term(text: str, term: str, *, by_word: bool) -> bool:
    """Tell whether a term is in a text, in any case; `by_word`: not as part of a longer word, where the
    term's script has spaces between words."""
    plain, sought = fold_text(text), fold_text(term)
    if not sought:
        return True
    if not by_word or unicodedata.name(sought[0], "?").split(" ")[0] in _UNSPACED:
        return sought in plain
    return re.search(rf"(?<!\w){re.escape(sought)}(?!\w)", plain) is not None


def fold_text(text: str) -> str:
    """For comparing: one form of each letter, without case."""
    return unicodedata.normalize("NFC", text).casefold().strip()
