"""Describe a finished run, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rythmo.counts import format_count
from rythmo.dubbing import effort
from rythmo.dubbing.pipeline import Result
from rythmo.engines import registry
from rythmo.engines.base import Kind
from rythmo.provenance.record import summarise
from rythmo.qc.flag_counts import count_by_code


def list_deliveries(result: Result) -> list[str]:
    """Paths of everything a user takes away: timelines, subtitles, film, then the stems."""
    return [str(path) for path in (*result.deliveries, *_list_stems(result))]


def collect_costs(result: Result) -> dict[str, Any]:
    """For programs: what remote engines cost this time, and all runs of the project together; and how long
    the stages of this run were at work."""
    bills = {"cost": result.cost, "cost_so_far": result.cost_so_far}
    work = [asdict(replace(one, seconds=round(one.seconds, 3))) for one in result.work]
    return {name: bill.as_data() for name, bill in bills.items() if bill is not None} | {"work": work}


def collect_signing(result: Result) -> dict[str, Any]:
    """For programs: what was signed, and by whom."""
    return {"signed": asdict(result.signed)} if result.signed else {}


def format_summary(result: Result) -> str:
    """Return the text after a run: files, flags, draft engines, cost and time."""
    script = result.script
    head = (
        f"{script.programme.name}: {format_count(len(script.lines), 'line')} by "
        f"{format_count(len(script.speakers), 'speaker')}, "
        f"{script.source_language} to {script.target_language}."
    )
    places = [(_name_kind(path), path) for path in result.deliveries] + [("stems", result.project.stems)]
    width = max(len(kind) for kind, _ in places)
    lines = [head, "", *(f"  {kind:{width}}  {_format_path(path)}" for kind, path in places), ""]
    return "\n".join(
        [
            *lines,
            *_summarise_flags(result),
            *_summarise_drafts(result),
            *_summarise_signing(result),
            *_summarise_cost(result),
            *_summarise_work(result),
            f"Project: {_format_path(result.project.root)}",
        ]
    )


def _list_stems(result: Result) -> list[Path]:
    return sorted(result.project.stems.glob("*.wav"))


_KINDS = {
    ".srt": "subtitles",
    ".vtt": "subtitles",
    ".ttml": "subtitles",
    ".mp4": "film",
    ".wav": "turnover",
    ".mov": "film",
    ".mkv": "film",
    ".csv": "list",
    ".txt": "end card",
    ".xlsx": "list",
    ".pdf": "list",
    ".detx": "script",
    ".stl": "subtitles",
    ".html": "to print",
}


def _name_kind(path: Path) -> str:
    if path.name.endswith(".markers.edl"):
        return "markers"
    if path.name.endswith(".dapt.ttml"):
        return "script"
    if path.name == "report.html":
        return "report"
    return _KINDS.get(path.suffix, "timeline")


def _format_path(path: Path) -> str:
    """Relative where that is shorter, with newlines and other controls made visible."""
    try:
        path = path.resolve().relative_to(Path.cwd())
    except ValueError:
        path = path.resolve()
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in str(path))


def _summarise_flags(result: Result) -> list[str]:
    found = count_by_code(result.script)
    if not found:
        return []
    told = ", ".join(f"{count} {code}" for code, count in found.items())
    return [f"To check: {told} (they are markers in the timeline)."]


def _summarise_cost(result: Result) -> list[str]:
    this_time = result.cost.told() if result.cost else ""
    so_far = result.cost_so_far.told() if result.cost_so_far else ""
    if not so_far:
        return []
    if this_time == so_far:
        return [f"Remote engines cost about {so_far}."]
    return [f"Remote engines cost about {this_time or 'nothing'} this time, {so_far} for the project so far."]


def _summarise_work(result: Result) -> list[str]:
    told = effort.told(result.work)
    return [f"At work: {told}."] if told else []


def _summarise_signing(result: Result) -> list[str]:
    return [summarise(result.signed)] if result.signed else []


def _summarise_drafts(result: Result) -> list[str]:
    used = {str(kind): stamp.split()[0] for kind, stamp in result.script.engines.items()}
    drafts = [
        spec.info.name
        for kind in Kind
        for spec in registry.installed()[kind]
        if used.get(str(kind)) == spec.info.name and spec.info.is_draft(result.script.target_language)
    ]
    if not drafts:
        return []
    return [f"Made with draft engines ({', '.join(drafts)}): good for timing and layout, not for release."]
