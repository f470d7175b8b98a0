"""Counts are written with the singular and the plural, by one helper in Python and one on the page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rythmo.counts import format_count

ROOT = Path(__file__).parent.parent
PYTHON = sorted(
    path
    for folder in ("core/rythmo", "bridge/rythmo_bridge", "plugin/rythmo_plugin")
    for path in (ROOT / folder).rglob("*.py")
)
PAGE = sorted((ROOT / "plugin" / "web" / "src").rglob("*.ts*"))
NOUNS = (
    "lines|takes|speakers|files|formats|errors|warnings|rows|words|stems|people|languages|voices|tracks|"
    "clips|markers|chunks|loops|events|recordings|samples|characters|projects|findings|flags|workers|models|"
    "cues|stretches|edits|messages|shots|faces|translations|corrections|requests|steps|pieces"
)
NOUN = re.compile(rf"^ (?:(?:more|sound|media|other) )?({NOUNS})\b")
LIMIT = re.compile(r"more than$|at most$")


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0 lines"), (1, "1 line"), (2, "2 lines"), (2000, "2,000 lines")]
)
def test_a_noun_follows_its_number(number, told):
    assert format_count(number, "line") == told


def test_another_plural_and_a_verb_come_along():
    assert format_count(1, "stretch is", "stretches are") == "1 stretch is"
    assert format_count(3, "stretch is", "stretches are") == "3 stretches are"


def find_bare_counts(path: Path) -> Iterator[str]:
    """F-strings of a source in which a value stands before a plural, without the helper."""
    tree = ast.parse(path.read_text())
    programming = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"ValueError", "AssertionError"}
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and id(node) not in programming:
            yield from (found for found in _bare_parts(node) if found)


def _bare_parts(node: ast.JoinedStr) -> Iterator[str]:
    before = ""
    for value, text in zip(node.values, node.values[1:], strict=False):
        if isinstance(value, ast.Constant):
            before = str(value.value)
            continue
        words = NOUN.match(str(text.value)) if isinstance(text, ast.Constant) else None
        if not words or not isinstance(value, ast.FormattedValue) or LIMIT.search(before.strip()):
            continue
        if _is_count(value):
            yield f"{ast.unparse(value)} {words[0]}"


def _is_count(value: ast.FormattedValue) -> bool:
    """Whether it may be 1: no measure with decimals, no constant, no name of something."""
    decimals = value.format_spec is not None and "f" in ast.unparse(value.format_spec)
    named = any(word in ast.unparse(value.value) for word in ("name", "flag"))
    constant = isinstance(value.value, ast.Name) and value.value.id.isupper()
    told = isinstance(value.value, ast.Call) and getattr(value.value.func, "id", "") == "format_count"
    return not (decimals or named or constant or told)


def test_no_python_source_writes_a_plural_after_a_bare_number():
    found = {(path.relative_to(ROOT).as_posix(), bare) for path in PYTHON for bare in find_bare_counts(path)}
    assert sorted(found) == []


BARE_ON_PAGE = re.compile(r"\{(?!plural\b)(?!\" \")(?![^{}]*toFixed)[^{}\n]*\} (" + NOUNS + r")\b(?!=)")


def test_no_source_of_the_page_writes_a_plural_after_a_bare_number():
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in PAGE
        if path.name not in {"api-types.ts", "report-types.ts"}
        for match in BARE_ON_PAGE.finditer(path.read_text())
    ]
    assert found == []
