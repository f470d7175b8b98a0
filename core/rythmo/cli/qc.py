"""`rythmo qc PROJECT`: measure what was delivered, from the files, and write the report."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from rythmo.cli import language_flag
from rythmo.cli.output import Output
from rythmo.counts import format_count
from rythmo.dubbing.quality_check import measure
from rythmo.qc.report_model import Finding, QcReport
from rythmo.script.model import Severity

_SHOWN = 12
_ORDER = [Severity.ERROR, Severity.WARNING, Severity.INFO]


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("project", type=Path, help="the .rythmo folder")
    language_flag.add(parser)
    parser.add_argument(
        "--quick", action="store_true", help="without engines that listen (recogniser, voices, opinion)"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Measure, write `qc/report.json` and `qc/report.html`, and show the worst findings."""
    project = language_flag.open_project(arguments, output)
    report, (data, page), _ = measure(project, deaf=arguments.quick, report=output.progress)
    output.say(_format_report(report))
    output.say(f"\nReport: {page}")
    output.data(
        "done", project=str(project.root), deliveries=[str(data), str(page)], findings=_as_data(report)
    )
    return 0


def _format_report(report: QcReport) -> str:
    share = report.fit.share_in_band
    lines = format_count(report.fit.lines, "line ends", "lines end")
    fit = "no lines" if share is None else f"{share:.0%} of {lines} within -10% to +20%"
    counts = Counter(finding.severity for finding in report.findings)
    total = ", ".join(f"{counts[s]} {s}" for s in _ORDER if counts[s]) or "nothing found"
    worst = sorted(report.findings, key=lambda finding: _ORDER.index(finding.severity))
    rows = [_format_finding(finding) for finding in worst[:_SHOWN]]
    more = [f"  and {len(worst) - _SHOWN} more in the report"] if len(worst) > _SHOWN else []
    return "\n".join([f"{report.programme}: {fit}; {total}.", *rows, *more])


def _format_finding(finding: Finding) -> str:
    return f"  {finding.severity:8} {finding.line or '':9} {finding.message}"


def _as_data(report: QcReport) -> list[dict[str, str | int | None]]:
    return [
        {
            "line": finding.line,
            "position": finding.position,
            "severity": str(finding.severity),
            "code": finding.code,
            "message": finding.message,
        }
        for finding in report.findings
    ]
