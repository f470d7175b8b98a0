"""Turn what was found while the script was made into findings of the report. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rythmo.qc.report_model import Finding
from rythmo.script.model import Remark, Script

_COVERED = 0.8
UNCOVERED = "uncovered-speech"


def judge_intake(script: Script) -> tuple[Finding, ...]:
    """Return the script's own findings, without speech that a person has made a line of or dismissed."""
    return tuple(
        Finding(None, remark.position, remark.flag.severity, remark.flag.code, remark.flag.message)
        for remark in list_open_findings(script)
    )


def list_open_findings(script: Script) -> tuple[Remark, ...]:
    """Return the script's findings that still hold."""
    spans = [line.original_range for line in (*script.lines, *script.removed)] + list(script.left_speech)
    return tuple(
        remark
        for remark in script.findings
        if remark.flag.code != UNCOVERED or not _is_covered(remark, spans)
    )


def list_uncovered_speech(script: Script) -> tuple[Remark, ...]:
    """Return findings of speech without a line that nobody has decided on, in order of position."""
    found = [one for one in list_open_findings(script) if one.flag.code == UNCOVERED and one.end is not None]
    return tuple(sorted(found, key=lambda one: one.position))


def _is_covered(remark: Remark, spans: Sequence[tuple[int, int]]) -> bool:
    start, end = remark.position, remark.end or remark.position + 1
    shared = sum(max(0, min(end, span[1]) - max(start, span[0])) for span in spans)
    return shared >= _COVERED * (end - start)
