"""Docstrings, comments and documents name only what exists: files, commands, flags, engines, variables."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from tests.support.mentions import (
    ROOT,
    Text,
    missing_files,
    missing_modules,
    source_texts,
    unknown_engines,
    unknown_flags,
    unread_variables,
    wrong_commands,
)

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
CHECKS = (missing_files, missing_modules, wrong_commands, unknown_flags, unknown_engines, unread_variables)
OTHERS = {  # what is not there, and why
    "settings.toml": "in a project's folder or the user's",
    "series.toml": "a cast file that the reader makes",
    "names.toml": "a glossary that the reader makes",
    "my_model.py": "a worker that the reader writes",
    "Dub.py": "the end of `Rythmo - Dub.py`",
    "Conform.py": "the end of `Rythmo - Conform.py`",
    "--address": "of ray",
    "--group": "of pip",
    "--head": "of ray",
    "--port": "of ray",
    "--no-deps": "of pip",
    "--host": "of the example worker",
    "voice.morse": "the engine that an example registers",
}


def wrong_mentions(check: Callable[[str], list[str]], texts: tuple[Text, ...]) -> list[str]:
    return [f"{where}: {name}" for where, text in texts for name in check(text) if name not in OTHERS]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_docstrings_and_comments_name_what_exists(check):
    assert not wrong_mentions(check, source_texts())


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_documents_name_what_exists(check):
    pages = tuple(
        Text(page.relative_to(ROOT).as_posix(), page.read_text(encoding="utf-8"))
        for page in PAGES
        if page.name != "CHANGELOG.md"
    )
    assert not wrong_mentions(check, pages)


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (missing_files, "See docs/nowhere.md."),
        (missing_files, "as in mixing/nothing.py"),
        (missing_modules, "rythmo.mix.nothing does it"),
        (missing_modules, "rythmo.mix.mixer.nothing does it"),
        (wrong_commands, "`rythmo nothing`"),
        (wrong_commands, "`rythmo qc PROJECT --nothing`"),
        (unknown_flags, "with --nothing it stops"),
        (unknown_engines, 'Voice "nothing": speaks'),
        (unknown_engines, "rythmo dub film.mp4 --to es --voice nothing"),
        (unread_variables, "RYTHMO_NOTHING is read"),
    ],
)
def test_what_does_not_exist_is_found(check, text):
    assert check(text)


def test_many_mentions_are_found():
    texts = "\n".join(text for _, text in source_texts())
    assert len(source_texts()) > 3000
    assert len(re.findall(r"`rythmo [a-z]+", texts)) > 20
