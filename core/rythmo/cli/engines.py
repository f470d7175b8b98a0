"""`rythmo engines`: what each engine can do, whether it is ready, and how to get it."""

from __future__ import annotations

import argparse
from typing import Any

from rythmo.cli.output import Output
from rythmo.engines import registry
from rythmo.engines.base import EngineSpec, Kind

_DOES = {
    Kind.SEPARATOR: "lift speech out of the mix",
    Kind.DIARIZER: "find who speaks when",
    Kind.EMBEDDER: "know a voice again",
    Kind.TRANSCRIBER: "write down what is said",
    Kind.TRANSLATOR: "translate the lines",
    Kind.VOICE: "speak the lines",
    Kind.LIP_SYNC: "move the lips",
}


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments."""
    parser.add_argument("--kind", choices=[str(kind) for kind in Kind], help="only this kind")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """List them, the one that "auto" would take first."""
    kinds = [kind for kind in Kind if arguments.kind in (None, str(kind))]
    found = registry.installed()
    for kind in kinds:
        if found[kind]:
            output.say(f"{str(kind).capitalize()} - {_DOES[kind]}")
            for spec in found[kind]:
                output.say(_shown(spec))
            output.say("")
    output.say('"auto" takes the first that is ready. Drafts are for timing and layout, not for release.')
    output.data("done", engines=[as_data(spec) for kind in kinds for spec in found[kind]])
    return 0


def _shown(spec: EngineSpec) -> str:
    info, missing = spec.info, spec.missing()
    state = "needs " + ", ".join(part.what for part in missing) if missing else "ready"
    rows = [f"  {info.name:15} {state}{', draft' if info.draft else ''}. {info.summary}"]
    facts = [_languages(spec), ", ".join(sorted(info.capabilities)), info.licence]
    facts.append("local: " + info.sends if info.local else "REMOTE: " + info.sends)
    rows.append(f"  {'':15} {'; '.join(fact for fact in facts if fact)}")
    rows += [f"  {'':15} get it: {command}" for command in dict.fromkeys(part.command for part in missing)]
    return "\n".join(rows)


def _languages(spec: EngineSpec) -> str:
    languages = sorted(spec.info.languages)
    if not languages:
        return ""
    return ", ".join(languages) if len(languages) <= 12 else f"{len(languages)} languages"


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
