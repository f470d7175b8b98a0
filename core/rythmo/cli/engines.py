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
    Kind.FACE_TRACKER: "see who is on screen",
    Kind.LIP_SYNC: "move the lips",
    Kind.WATERMARK: "mark what a machine spoke",
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
    """Add the command's arguments."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="show these engines in full")
    parser.add_argument(
        "--kind", choices=[str(kind) for kind in Kind], help="show the engines of this kind in full"
    )
    parser.add_argument("--all", action="store_true", help="show every engine in full")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show all engines in brief, or some in full. Raises UnknownEngineError."""
    found = {
        kind: specs for kind, specs in registry.installed().items() if arguments.kind in (None, str(kind))
    }
    specs = [spec for kind in found for spec in found[kind]]
    chosen = [spec for spec in specs if not arguments.names or spec.info.name in arguments.names]
    _require_known(arguments.names, specs)
    if not specs:
        output.say(f"No engine of the kind {arguments.kind} is installed. A package can bring one.")
    elif arguments.names or arguments.kind or arguments.all:
        for spec in chosen:
            output.say("\n".join(_describe_engine(spec)) + "\n")
    else:
        _show_overview(found, output)
    output.data("done", engines=[as_data(spec) for spec in chosen])
    return 0


def _require_known(names: Iterable[str], specs: Iterable[EngineSpec]) -> None:
    known = dict.fromkeys(spec.info.name for spec in specs)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UnknownEngineError(
            f"There is no engine called {unknown[0]!r}.", hint=f"There are: {', '.join(known)}."
        )


def _show_overview(found: Mapping[Kind, tuple[EngineSpec, ...]], output: Output) -> None:
    for kind, specs in found.items():
        if specs:
            taken = _find_default(kind)
            output.say(f"{str(kind).capitalize()}: {_DOES[kind]}")
            for spec in specs:
                output.say(_format_row(spec, taken))
            output.say("")
    for line in wrap(_LEGEND, _measure_width()):
        output.say(line)
    for state in look_at_sets():
        if state.lacking:
            output.say(f"\nThe {state.name} models are not all here: {state.describe()}\n  {state.command}")
    output.say("\nDetails, and how to install one: rythmo engines NAME  (or --kind, --all)")


def _format_row(spec: EngineSpec, taken: str) -> str:
    info = spec.info
    mark = "*" if info.name == taken else " "
    where = "here" if info.local else "SENDS"
    row = f"{mark} {info.name:18} {where:6} {_describe_state(spec)}"
    return row if len(row) <= _measure_width() else f"{row[: _measure_width() - 3]}..."


def _find_default(kind: Kind) -> str:
    if kind is Kind.WATERMARK:
        return ""  # nothing is marked unless that is asked for
    try:
        return registry.choose(kind).info.name
    except RythmoError:
        return ""


def _describe_state(spec: EngineSpec) -> str:
    missing = spec.missing()
    if missing:
        return "needs " + ", ".join(part.what for part in missing)
    return "ready, a draft" if spec.info.draft else "ready"


def _describe_engine(spec: EngineSpec) -> list[str]:
    info, missing = spec.info, spec.missing()
    rows = [f"{info.name} ({info.kind})", *_indent_text(info.summary, 2)]
    can = [CAPABILITIES.get(word, word) for word in sorted(info.capabilities)]
    rows += _format_fact("state", _describe_state(spec))
    rows += _format_fact("can", "; ".join(can))
    rows += _format_fact("languages", _list_languages(spec))
    if info.draft_in:
        rows += _format_fact(
            "draft in", ", ".join(languages.language_name(code) for code in sorted(info.draft_in))
        )
    rows += _format_fact("licence", info.licence)
    rows += _format_fact("data", info.sends if info.local else f"SENDS: {info.sends}")
    for number, command in enumerate(dict.fromkeys(part.command for part in missing)):
        # Not wrapped: commands are copied.
        rows.append(_add_label("get it" if not number else "", command))
    return [*rows, _add_label("use it", f"rythmo dub ... --{info.kind} {info.name}")]


def _format_fact(label: str, text: str) -> list[str]:
    lines = wrap(text, _measure_width() - _LABEL - 2)
    return [_add_label(label if not number else "", line) for number, line in enumerate(lines)]


def _add_label(label: str, text: str) -> str:
    return f"  {label:{_LABEL}}{text}"


def _indent_text(text: str, by: int) -> list[str]:
    return [" " * by + line for line in wrap(text, _measure_width() - by)]


def _measure_width() -> int:
    return min(_WIDE, max(_NARROW, shutil.get_terminal_size().columns))


def _list_languages(spec: EngineSpec) -> str:
    codes = sorted(spec.info.languages)
    if not codes:
        return ""
    if len(codes) > _MANY:
        return f"{len(codes)}: {' '.join(codes)}"
    return ", ".join(languages.language_name(code) for code in codes)


def as_data(spec: EngineSpec) -> dict[str, Any]:
    """Return the facts about an engine for --json."""
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
