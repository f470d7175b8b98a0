"""`rythmo estimate INPUT --to LANG`: what a dub would take, before anything is spent."""

from __future__ import annotations

import argparse
import os
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from rythmo import languages, settings_file
from rythmo.cli import execution_flags
from rythmo.cli.dub import ENGINES, parse_engine_options
from rythmo.cli.output import Output
from rythmo.counts import format_count
from rythmo.dubbing import costs, effort
from rythmo.dubbing.costs import money
from rythmo.dubbing.effort import minutes
from rythmo.dubbing.estimate import (
    Amount,
    Estimate,
    Stage,
    assume,
    clock_seconds,
    estimate,
    listen,
    of_script,
    voice_name,
)
from rythmo.dubbing.language_estimate import estimate_language
from rythmo.engines.prices import load_prices
from rythmo.engines.timing import Work
from rythmo.errors import UsageError
from rythmo.execution.groups import check_execution
from rythmo.execution.processes import count_lanes
from rythmo.media.media_info import MediaInfo
from rythmo.project.workspace import SUFFIX, Project
from rythmo.settings import ExecutionSettings, Settings
from rythmo.stages import ingest
from rythmo.timebase import SAMPLE_RATE

_LEAST_SECONDS = 0.95
_HEARD = {
    "whole": "heard quickly, all of it",
    "sampled": "heard quickly, in samples",
    "script": "known from the project's script",
    "assumed": "a usual share: this input cannot be heard quickly",
}


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("input", type=Path, help="a film, clip, timeline or sound file, or a project folder")
    parser.add_argument(
        "--to", metavar="LANG", default="", help="target language; for a project, a further one or its own"
    )
    parser.add_argument("--from", dest="source", default="", metavar="LANG", help="language of the original")
    parser.add_argument("--prices", metavar="FILE", help="a table of prices of your own")
    for kind in ENGINES:
        parser.add_argument(f"--{kind}", metavar="NAME", help=f"the {kind} to use (see rythmo engines)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="ENGINE.NAME=VALUE", help="a setting of an engine's own"
    )
    parser.add_argument(
        "--lips", metavar="ENGINE", help="count lips made with this engine (auto, or its name)"
    )
    execution_flags.add_flags(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Guess, and say what the guess rests on."""
    flags = {
        "engines": {**{kind: getattr(arguments, kind) for kind in ENGINES}, "lipsync": arguments.lips},
        "faces": {"find": True if arguments.lips else None},
        "lips": {"make": True if arguments.lips else None},
        "prices": {"file": arguments.prices},
        "execution": execution_flags.read_flags(arguments),
        "options": parse_engine_options(arguments.set),
    }
    source = languages.parse_language(arguments.source) if arguments.source else ""
    target = languages.parse_language(arguments.to) if arguments.to else ""
    project = Project(arguments.input) if arguments.input.name.endswith(SUFFIX) else None
    file = project.root / "settings.toml" if project else None
    chosen = settings_file.resolve_settings(file=file, environment=os.environ, flags=flags)
    found = (
        _estimate_project(project, target, chosen)
        if project
        else _estimate_file(arguments.input, source, target, chosen)
    )
    check_execution(chosen.execution)
    clock = clock_seconds(found, chosen)
    output.say(format_estimate(found))
    if clock is not None:
        output.say(_describe_clock(clock, chosen.execution))
    took = {}
    if project:
        bill, work = _read_totals(project, chosen)
        took = {"so_far": {"cost": bill.as_data(), "work": [asdict(one) for one in work]}}
        output.say(_describe_totals(bill, work))
    spread = {"executor": chosen.execution.executor, "workers": count_lanes(chosen.execution) or None}
    output.data("done", **as_data(found), **spread, clock_seconds=_round_seconds(clock), **took)
    return 0


def _describe_clock(seconds: float, execution: ExecutionSettings) -> str:
    lanes = count_lanes(execution)
    where = "in processes" if execution.executor == "processes" else "on the cluster"
    workers = format_count(lanes, "worker")
    speed = "if each works as fast as one core here"
    return f"By the clock: about {minutes(seconds)} with {workers} {where}, {speed}."


def _round_seconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _read_totals(project: Project, chosen: Settings) -> tuple[costs.Bill, tuple[Work, ...]]:
    table = load_prices(Path(chosen.prices.file) if chosen.prices.file else None)
    return costs.price(costs.spent_so_far(project), table), effort.so_far(project)


def _describe_totals(bill: costs.Bill, work: tuple[Work, ...]) -> str:
    money, time = bill.told() or "no money", effort.told(work) or "less than a second"
    return f"All runs of the project so far: {money}; at work: {time}."


def _estimate_project(project: Project, target: str, chosen: Settings) -> Estimate:
    there = {folder.language: folder.root for folder in project.languages}
    if target and target not in there:
        return estimate_language(Project(project.home), target, chosen)
    script = Project(there[target]).load() if target else project.load()
    amount = of_script(script, voice_name(script.target_language, chosen))
    return estimate(amount, script.source_language, script.target_language, chosen)


def _estimate_file(path: Path, source: str, target: str, chosen: Settings) -> Estimate:
    if not target:
        raise UsageError("--to is missing.", hint="Say the target language, for example --to es.")
    info = ingest.probe_source(path, chosen.timeline)
    if isinstance(info, ingest.TimelineInfo):
        return estimate(assume(info.duration / SAMPLE_RATE, target, source=source), source, target, chosen)
    return estimate(_analyse_speech(info, target, source), source, target, chosen)


def _analyse_speech(info: MediaInfo, target: str, source: str) -> Amount:
    return listen(info, target, source=source)


def format_estimate(found: Estimate) -> str:
    """For people: the facts, one row a stage, the sum, and what the sum does not hold."""
    rows = [
        _format_facts(found.amount),
        "",
        *(_format_stage(stage, found.currency) for stage in found.stages),
    ]
    rest = _format_time(found.rest_seconds)
    rows += [f"  {'the rest':12} {'rythmo':18} {'mix, report, files':22} {rest:>10}  here", ""]
    low, high = found.cost
    unpriced = ", ".join(f"{s.info.name} ({s.least.model})" for s in found.unpriced)
    if any(not stage.info.local for stage in found.stages):
        span = money(low) if low == high else f"{money(low)} to {money(high)}"
        rows.append(f"Money: about {span} {found.currency}, before taxes and what your plan includes.")
    else:
        rows.append("Money: none; everything runs on this machine.")
    if unpriced:
        rows.append(
            f"Not in it: {unpriced}; no price is known. Put one into a table and name it: --prices FILE."
        )
    if dates := sorted({date for stage in found.stages for date in stage.price_dates}):
        rows.append(f"Prices as read on {' and '.join(dates)} (rythmo/engines/prices.toml).")
    rows.append(f"Time: about {minutes(found.seconds)} of processor time here{_format_untimed(found)}.")
    rows += [f"No engine: {reason}" for reason in found.not_chosen]
    return "\n".join(rows)


def _format_facts(amount: Amount) -> str:
    length, speech = minutes(amount.programme_seconds), minutes(amount.speech_seconds)
    about = "" if amount.heard == "script" else "about "
    said = f"{format_count(amount.target_characters, 'character')} to speak"
    if amount.voice_lines is not None:
        left = amount.voice_lines
        said = f"{left or 'none'} of them still to be spoken" + (f" ({said})" if left else "")
    return (
        f"{length}, of which {speech} are speech ({_HEARD[amount.heard]}): {about}"
        f"{format_count(amount.lines, 'line')}, {said}."
    )


def _format_untimed(found: Estimate) -> str:
    names = ", ".join(f"{stage.kind} {stage.info.name}" for stage in found.untimed)
    return f", besides {names}, which nobody measured" if names else ""


def _format_stage(stage: Stage, currency: str) -> str:
    least, most = stage.least.requests, stage.most.requests
    requests = ("" if least == most else f"{least} to ") + format_count(most, "request")
    needs = "; needs " + ", ".join(part.what for part in stage.missing) if stage.missing else ""
    where = "here" if stage.info.local else _format_price(stage.least_amount, stage.most_amount, currency)
    time = _format_time(stage.seconds)
    return f"  {stage.kind:12} {stage.info.name:18} {requests:22} {time:>10}  {where}{needs}"


def _format_time(seconds: float | None) -> str:
    if seconds is None:
        return "not known"
    return minutes(seconds) if seconds >= _LEAST_SECONDS else "under 1 s"


def _format_price(least: Decimal | None, most: Decimal | None, currency: str) -> str:
    if least is None or most is None:
        return "price not known"
    return f"{money(least)} {currency}" if least == most else f"{money(least)} to {money(most)} {currency}"


def as_data(found: Estimate) -> dict[str, Any]:
    """For programs; what is not known is null."""
    amount, (low, high) = found.amount, found.cost
    return {
        "programme_seconds": round(amount.programme_seconds, 3),
        "speech_seconds": round(amount.speech_seconds, 3),
        "heard": amount.heard,
        "picture": amount.frame_rate > 0,
        "lines": amount.lines,
        "lines_to_speak": amount.to_voice[0],
        "source_characters": amount.source_characters,
        "target_characters": amount.target_characters,
        "currency": found.currency,
        "least": _round_amount(low),
        "most": _round_amount(high),
        "seconds": round(found.seconds, 1),
        "rest_seconds": round(found.rest_seconds, 1),
        "unpriced": [stage.info.name for stage in found.unpriced],
        "untimed": [stage.info.name for stage in found.untimed],
        "missing": list(found.not_chosen),
        "stages": [_stage_data(stage) for stage in found.stages],
    }


def _stage_data(stage: Stage) -> dict[str, Any]:
    return {
        "kind": str(stage.kind),
        "engine": stage.info.name,
        "model": stage.least.model,
        "local": stage.info.local,
        "available": not stage.missing,
        "requests": [stage.least.requests, stage.most.requests],
        "units": [dict(stage.least.units), dict(stage.most.units)],
        "least": _round_amount(stage.least_amount),
        "most": _round_amount(stage.most_amount),
        "seconds": None if stage.seconds is None else round(stage.seconds, 1),
        "price_dates": list(stage.price_dates),
    }


def _round_amount(amount: Decimal | None) -> float | None:
    return None if amount is None else round(float(amount), 4)
