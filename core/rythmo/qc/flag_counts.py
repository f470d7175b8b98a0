"""How much there is to look at: one count for the command line, the page and the markers. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rythmo.qc.intake import list_open_findings
from rythmo.script.model import Flag, Script, Severity

QC_PREFIX = "qc-"
"""Codes of flags that quality control raised begin with this."""


def collect_flags(script: Script) -> tuple[Flag, ...]:
    """Every flag: of lines, of the bed and the mix, and of what was found on the way to the script.

    What quality control took over from there counts once.
    """
    remarks = [remark.flag for remark in script.remarks]
    known = {(remark.position, remark.flag.code.removeprefix(QC_PREFIX)) for remark in script.remarks}
    found = [one.flag for one in list_open_findings(script) if (one.position, one.flag.code) not in known]
    return (*(flag for line in script.lines for flag in line.flags), *remarks, *found)


def count_by_severity(script: Script) -> Mapping[Severity, int]:
    """How many flags there are of each severity."""
    return Counter(flag.severity for flag in collect_flags(script))


def count_by_code(script: Script) -> Mapping[str, int]:
    """How many flags there are of each code that somebody should look at, the most frequent first."""
    found = Counter(
        flag.code.removeprefix(QC_PREFIX)
        for flag in collect_flags(script)
        if flag.severity is not Severity.INFO
    )
    return dict(found.most_common())
