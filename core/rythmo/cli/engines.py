"""`rythmo engines`: what each engine can do, whether it is ready, where data goes, and how to get it."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterable, Mapping
from textwrap import wrap
from typing import Any

from rythmo import languages
from rythmo.cli.output import Output
from rythmo.engines import registry
from rythmo.engines.base import CAPABILITIES, EngineSpec, Kind
from rythmo.errors import RythmoError, UnknownEngineError
from rythmo.models.sets import look_at_sets

_DOES = {
    Kind.SEPARATOR: "lift speech out of the mix",
    Kind.DIARIZER: "find who speaks when",
    Kind.EMBEDDER: "know a voice again",
    Kind.TRANSCRIBER: "write down what is said",
    Kind.TRANSLATOR: "translate the lines",
    Kind.VOICE: "speak the lines",
    Kind.LIP_SYNC: "move the lips",
}
_LEGEND = (
    "* is what a dub takes by itself: the first that is ready here. An engine that sends data away is taken "
    "only when you name it (rythmo dub ... --voice NAME). Drafts are for timing and layout, not for release."
)
_NARROW, _WIDE = 60, 110
_LABEL = 12
_MANY = 30
"""More languages than that are counted, not listed."""


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="tell everything about these engines")
    parser.add_argument("--kind", choices=[str(kind) for kind in Kind], help="everything about this kind")
    parser.add_argument("--all", action="store_true", help="everything about every engine")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """An overview, or everything about some. Raises UnknownEngineError."""
    found = {
        kind: specs for kind, specs in registry.installed().items() if arguments.kind in (None, str(kind))
    }
    specs = [spec for kind in found for spec in found[kind]]
    chosen = [spec for spec in specs if not arguments.names or spec.info.name in arguments.names]
    _require(arguments.names, specs)
    if not specs:
        output.say(f"No engine of the kind {arguments.kind} is installed. A package can bring one.")
    elif arguments.names or arguments.kind or arguments.all:
        for spec in chosen:
            output.say("\n".join(_told(spec)) + "\n")
    else:
        _overview(found, output)
    output.data("done", engines=[as_data(spec) for spec in chosen])
    return 0


def _require(names: Iterable[str], specs: Iterable[EngineSpec]) -> None:
    known = dict.fromkeys(spec.info.name for spec in specs)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UnknownEngineError(
            f"There is no engine called {unknown[0]!r}.", hint=f"There are: {', '.join(known)}."
        )


def _overview(found: Mapping[Kind, tuple[EngineSpec, ...]], output: Output) -> None:
    for kind, specs in found.items():
        if specs:
            taken = _taken(kind)
            output.say(f"{str(kind).capitalize()}: {_DOES[kind]}")
            for spec in specs:
                output.say(_row(spec, taken))
            output.say("")
    for line in wrap(_LEGEND, _width()):
        output.say(line)
    for state in look_at_sets():
        if state.lacking:
            output.say(f"\nThe {state.name} models are not all here: {state.describe()}\n  {state.command}")
    output.say("\nWhat it can do, and how to get it: rythmo engines NAME  (or --kind, --all)")


def _row(spec: EngineSpec, taken: str) -> str:
    info = spec.info
    mark = "*" if info.name == taken else " "
    where = "here" if info.local else "SENDS"
    row = f"{mark} {info.name:18} {where:6} {_state(spec)}"
    return row if len(row) <= _width() else f"{row[: _width() - 3]}..."


def _taken(kind: Kind) -> str:
    try:
        return registry.choose(kind).info.name
    except RythmoError:
        return ""


def _state(spec: EngineSpec) -> str:
    missing = spec.missing()
    if missing:
        return "needs " + ", ".join(part.what for part in missing)
    return "ready, a draft" if spec.info.draft else "ready"


def _told(spec: EngineSpec) -> list[str]:
    info, missing = spec.info, spec.missing()
    rows = [f"{info.name} ({info.kind})", *_indented(info.summary, 2)]
    can = [CAPABILITIES.get(word, word) for word in sorted(info.capabilities)]
    rows += _fact("state", _state(spec))
    rows += _fact("can", "; ".join(can))
    rows += _fact("languages", _languages(spec))
    if info.draft_in:
        rows += _fact("draft in", ", ".join(languages.language_name(code) for code in sorted(info.draft_in)))
    rows += _fact("licence", info.licence)
    rows += _fact("data", info.sends if info.local else f"SENDS: {info.sends}")
    for number, command in enumerate(dict.fromkeys(part.command for part in missing)):
        # Not wrapped: commands are copied.
        rows.append(_labelled("get it" if not number else "", command))
    return [*rows, _labelled("use it", f"rythmo dub ... --{info.kind} {info.name}")]


def _fact(label: str, text: str) -> list[str]:
    lines = wrap(text, _width() - _LABEL - 2)
    return [_labelled(label if not number else "", line) for number, line in enumerate(lines)]


def _labelled(label: str, text: str) -> str:
    return f"  {label:{_LABEL}}{text}"


def _indented(text: str, by: int) -> list[str]:
    return [" " * by + line for line in wrap(text, _width() - by)]


def _width() -> int:
    return min(_WIDE, max(_NARROW, shutil.get_terminal_size().columns))


def _languages(spec: EngineSpec) -> str:
    codes = sorted(spec.info.languages)
    if not codes:
        return ""
    if len(codes) > _MANY:
        return f"{len(codes)}: {' '.join(codes)}"
    return ", ".join(languages.language_name(code) for code in codes)


def as_data(spec: EngineSpec) -> dict[str, Any]:
    """What a program is told of an engine."""
    info, missing = spec.info, spec.missing()
    return {
        "kind": str(info.kind),
        "name": info.name,
        "version": info.version,
        "summary": info.summary,
        "licence": info.licence,
        "languages": sorted(info.languages),
        "local": info.local,
        "sends": info.sends,
        "capabilities": sorted(info.capabilities),
        "draft": info.draft,
        "available": not missing,
        "missing": [{"what": part.what, "command": part.command} for part in missing],
    }
