"""What the documents point at is there, and the commands that they show are ones that Rythmo takes."""

from __future__ import annotations

import argparse
import importlib
import re
from functools import cache
from pathlib import Path

import pytest

from rythmo.cli import app

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)|<img src=\"([^\"]+)\"")
SHOWN = re.compile(
    r"^\s*rythmo (?P<command>[a-z]+)(?P<rest>.*)$|`rythmo (?P<inline>[a-z]+)(?P<more>[^`]*)`", re.MULTILINE
)


def _id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@cache
def _flags(command: str) -> frozenset[str]:
    parser = argparse.ArgumentParser(add_help=True)
    parser.add_argument("--json")
    importlib.import_module(app._find_commands()[command]).add(parser)
    return frozenset(parser._option_string_actions)


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_links_lead_somewhere(page):
    targets = [first or second for first, second in LINK.findall(page.read_text(encoding="utf-8"))]
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=_id)
def test_commands_take_what_is_shown(page):
    text = re.sub(r"\\\n\s*", " ", page.read_text(encoding="utf-8"))
    wrong = []
    for found in SHOWN.finditer(text):
        command = found["command"] or found["inline"]
        rest = (found["rest"] or found["more"] or "").split("#")[0]
        asked = re.findall(r"(?<!\S)--[a-z][a-z-]*", rest)
        if command not in app._find_commands():
            wrong.append(f"rythmo {command}")
        else:
            wrong += [f"rythmo {command} {flag}" for flag in asked if flag not in _flags(command)]
    assert not wrong


def test_the_readme_shows_commands():
    assert len(SHOWN.findall((ROOT / "README.md").read_text(encoding="utf-8"))) > 15
