"""Count the flags to look at, once for the command line, the page and the markers. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rythmo.qc.intake import list_open_findings
from rythmo.script.model import Flag, Script, Severity

QC_PREFIX = "qc-"
"""Codes of flags that quality control raised begin with this."""


def collect_flags(script: Script) -> tuple[Flag, ...]:
    """Return every flag: of lines, of the bed and the mix, and of findings made before the dub.

    A finding that quality control took over counts once.
    """
    remarks = [remark.flag for remark in script.remarks]
    known = {(remark.position, remark.flag.code.removeprefix(QC_PREFIX)) for remark in script.remarks}
    found = [one.flag for one in list_open_findings(script) if (one.position, one.flag.code) not in known]
    return (*(flag for line in script.lines for flag in line.flags), *remarks, *found)


def count_by_severity(script: Script) -> Mapping[Severity, int]:
    """Count the flags of each severity."""
    return Counter(flag.severity for flag in collect_flags(script))


def count_by_code(script: Script) -> Mapping[str, int]:
    """Count the flags of each code above INFO, the most frequent first."""
    found = Counter(
        flag.code.removeprefix(QC_PREFIX)
        for flag in collect_flags(script)
        if flag.severity is not Severity.INFO
    )
    return dict(found.most_common())
