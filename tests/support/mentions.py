"""Finds what documents, docstrings and comments mention that does not exist: files, commands, engines ..."""

from __future__ import annotations

import argparse
import ast
import importlib
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from rythmo.cli import app
from rythmo.settings import Settings
from rythmo.settings_file import PREFIX

ROOT = Path(__file__).parents[2]
SOURCES = tuple(ROOT / name for name in ("core/rythmo", "bridge/rythmo_bridge", "plugin/rythmo_plugin"))
KINDS = (
    "separator",
    "diarizer",
    "embedder",
    "transcriber",
    "translator",
    "voice",
    "facetracker",
    "lipsync",
    "watermark",
)
_FOLDERS = ("core", "bridge", "plugin", "docs", "tests", "tools", "examples", "benchmarks")
_SKIPPED = {"node_modules", "__pycache__", "dist"}
_COMMENT = re.compile(r"(?:^|\s)#\s(.*)$")
_ADDRESS = re.compile(r"https?://\S+|\b[\w.-]+\.(?:com|org|io|dev|net)/\S*")
_FILE = re.compile(r"(?<![\w/.<>*{-])[\w-]+(?:/[\w-]+)*\.(?:py|md|toml|css)\b(?![\w(])")
_FOLDER = re.compile(rf"(?<![\w/.-])(?:{'|'.join(_FOLDERS)})/[\w./-]*[a-z0-9](?![\w*<{{])")
_MODULE = re.compile(r"\brythmo(?:_bridge|_plugin)?(?:\.[a-z_]\w*)+")
_COMMAND = re.compile(r"`rythmo ([a-z]+)\b([^`]*)`|^ *(?:\$ )?rythmo ([a-z]+)\b(.*)$", re.MULTILINE)
_FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]*\b")
_ENGINE = re.compile(rf"\b({'|'.join(KINDS)})(?: engine)? \"([a-z][\w-]*)\"", re.IGNORECASE)
_CHOSEN = re.compile(rf"--({'|'.join(KINDS)})[ =]([a-z][\w-]*)")
_VARIABLE = re.compile(r"\bRYTHMO_[A-Z_]+\b")


class Text(NamedTuple):
    """A docstring, a comment or a page, and where it stands."""

    where: str
    text: str


@cache
def source_texts() -> tuple[Text, ...]:
    """Return the docstrings and comments of the three packages; comments on adjoining lines are one."""
    return tuple(
        text for folder in SOURCES for path in sorted(folder.rglob("*.py")) for text in _texts_of(path)
    )


def _texts_of(path: Path) -> Iterator[Text]:
    source = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT).as_posix()
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        for item in body if isinstance(body, list) else ():
            match item:
                case ast.Expr(value=ast.Constant(value=str(words))):
                    yield Text(f"{name}:{item.lineno}", words)
    # Reading lines is much faster than tokenizing. A "#" within a text does no harm: its words are checked.
    block: list[str] = []
    for number, line in enumerate((*source.split("\n"), ""), 1):
        if found := _COMMENT.search(line):
            block.append(found[1])
        elif block:
            yield Text(f"{name}:{number - len(block)}", "\n".join(block))
            block = []


@cache
def _existing_files() -> frozenset[str]:
    """Return every path of the repository, with all its endings: `core/a/b.py`, `a/b.py`, `b.py`."""
    found = {path.name for path in ROOT.iterdir() if path.is_file()}
    for top in _FOLDERS:
        for folder, folders, names in os.walk(ROOT / top):
            folders[:] = [name for name in folders if name not in _SKIPPED]
            parts = Path(folder).relative_to(ROOT).parts
            for name in (*names, ""):
                whole = (*parts, name) if name else parts
                found.update("/".join(whole[start:]) for start in range(len(whole)))
    return frozenset(found)


def missing_files(text: str) -> list[str]:
    """Return the files and folders of the repository that `text` names and that are not there."""
    plain = _ADDRESS.sub("", text)
    named = {*_FILE.findall(plain), *_FOLDER.findall(plain)}
    return sorted(name for name in named if name.rstrip("/.") not in _existing_files())


@cache
def _project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


@cache
def _names_in(module: str) -> frozenset[str] | None:
    """Return the names that a module binds; None where there is no such module."""
    top = {"rythmo": "core", "rythmo_bridge": "bridge", "rythmo_plugin": "plugin"}[
        module.split(".", maxsplit=1)[0]
    ]
    base = ROOT.joinpath(top, *module.split("."))
    if base.is_dir():
        return frozenset(path.stem for path in base.iterdir())
    if not (path := base.with_suffix(".py")).is_file():
        return None
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return frozenset(
        [node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        + [node.id for node in nodes if isinstance(node, ast.Name)]
    )


def missing_modules(text: str) -> list[str]:
    """Return the dotted names of `text` that are no modules, names in one, or entry-point groups."""
    return sorted({name for name in _MODULE.findall(text) if not _is_dotted_name(name)})


def _is_dotted_name(name: str) -> bool:
    if name in _project()["entry-points"]:
        return True
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        names = _names_in(".".join(parts[:length]))
        if names is not None:
            return length == len(parts) or parts[length] in names
    return False


@cache
def _commands() -> dict[str, str]:
    return app._find_commands()


@cache
def flags_of(command: str) -> frozenset[str]:
    """Return the flags of a command; none for one that does not exist."""
    parser = argparse.ArgumentParser(add_help=True)
    parser.add_argument("--json")
    if command in _commands():
        importlib.import_module(_commands()[command]).add(parser)
    return frozenset(parser._option_string_actions)


def wrong_commands(text: str) -> list[str]:
    """Return the `rythmo` commands of `text` that do not exist, and the flags that they do not take."""
    wrong = []
    for inline, more, line, rest in _COMMAND.findall(re.sub(r"\\\n\s*", " ", text)):
        command = inline or line
        if command not in _commands():
            wrong.append(f"rythmo {command}")
        flags = _FLAG.findall((more or rest).split("#")[0])
        wrong += [f"rythmo {command} {flag}" for flag in flags if flag not in flags_of(command)]
    return wrong


@cache
def _all_flags() -> frozenset[str]:
    return frozenset[str]().union(*map(flags_of, _commands()), {"--version"})


def unknown_flags(text: str) -> list[str]:
    """Return the flags of `text` that neither a `rythmo` command takes nor a script that the text names."""
    scripts = "".join(
        path.read_text(encoding="utf-8")
        for name in re.findall(r"\b(?:tools|benchmarks)/\w+\.py\b", text)
        if (path := ROOT / name).is_file()
    )
    return sorted(
        {flag for flag in _FLAG.findall(text) if flag not in _all_flags() and f'"{flag}"' not in scripts}
    )


def unknown_engines(text: str) -> list[str]:
    """Return the engines of `text` that are not registered: `Voice "name"` and `--voice name`."""
    known = {*_project()["entry-points"]["rythmo.engines"], *(f"{kind}.auto" for kind in KINDS)}
    named = {f"{kind.lower()}.{name}" for kind, name in (*_ENGINE.findall(text), *_CHOSEN.findall(text))}
    return sorted(named - known)


@cache
def _code() -> str:
    """Return the code of everything, tests too: some variables are for tests only."""
    folders = (*SOURCES, ROOT / "tests", ROOT / "tools")
    paths = [path for folder in folders for path in folder.rglob("*.py") if path != Path(__file__)]
    paths += (ROOT / "plugin" / "panel").glob("*.mjs")
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


@cache
def _settings_variables() -> frozenset[str]:
    return frozenset(
        f"{PREFIX}{stage.name}_{field.name}".upper()
        for stage in fields(Settings)
        if is_dataclass(values := getattr(Settings(), stage.name))
        for field in fields(values)
    )


def unread_variables(text: str) -> list[str]:
    """Return the environment variables of `text` that no code reads."""
    named = {*_VARIABLE.findall(text)} - _settings_variables()
    return sorted(name for name in named if f'"{name}"' not in _code() and f"env.{name}" not in _code())
