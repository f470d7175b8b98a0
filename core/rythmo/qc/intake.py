"""What was found on the way to the script, as findings of the report. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rythmo.qc.report_model import Finding
from rythmo.script.model import Line, Remark, Script

_COVERED = 0.8
UNCOVERED = "uncovered-speech"


def judge_intake(script: Script) -> tuple[Finding, ...]:
    """The script's own findings, less the speech that a person has made a line of, or taken one out of."""
    return tuple(
        Finding(None, remark.position, remark.flag.severity, remark.flag.code, remark.flag.message)
        for remark in open_findings(script)
    )


def open_findings(script: Script) -> tuple[Remark, ...]:
    """Findings that still hold."""
    return tuple(
        remark
        for remark in script.findings
        if remark.flag.code != UNCOVERED or not _is_covered(remark, (*script.lines, *script.removed))
    )


def _is_covered(remark: Remark, lines: Sequence[Line]) -> bool:
    start, end = remark.position, remark.end or remark.position + 1
    shared = sum(max(0, min(end, line.original[1]) - max(start, line.original[0])) for line in lines)
    return shared >= _COVERED * (end - start)
