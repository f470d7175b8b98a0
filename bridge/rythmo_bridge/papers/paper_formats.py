"""The papers as formats: each as XLSX, and as PDF through a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rythmo.files import write_atomically
from rythmo_bridge.formats.registry import Format, Write
from rythmo_bridge.papers.as_recorded import make_as_recorded
from rythmo_bridge.papers.browser_pdf import find_browser, print_pdf
from rythmo_bridge.papers.cross_reference import make_cross_reference
from rythmo_bridge.papers.cue_sheet import make_cue_sheet
from rythmo_bridge.papers.dialogue_sheet import make_dialogue_list
from rythmo_bridge.papers.html_page import render_html
from rythmo_bridge.papers.paper import Paper
from rythmo_bridge.tables.xlsx_file import render_xlsx
from rythmo_bridge.timeline import Timeline

Make = Callable[[Timeline], Paper]


def _write_workbook(make: Make) -> Write:
    def write(delivery: Timeline, target: Path) -> tuple[Path, ...]:
        """Write the paper as a workbook."""
        write_atomically(target, render_xlsx(*make(delivery).sheets))
        return (target,)

    return write


def _write_pdf(make: Make) -> Write:
    def write(delivery: Timeline, target: Path) -> tuple[Path, ...]:
        """Write the paper as PDF; without a browser, the page that any browser prints."""
        html = render_html(make(delivery))
        browser = find_browser()
        if browser is None:
            page = target.with_suffix(".html")
            write_atomically(page, html.encode())
            return (page,)
        print_pdf(html, target, browser)
        return (target,)

    return write


def _make_workbook(name: str, summary: str, make: Make) -> Format:
    return Format(
        name, f".{name}.xlsx", f"{summary}, XLSX", write=_write_workbook(make), timeline=False, loops=True
    )


def _make_pdf(name: str, summary: str, make: Make) -> Format:
    return Format(
        f"{name}-pdf",
        f".{name}.pdf",
        f"{summary}, PDF",
        write=_write_pdf(make),
        timeline=False,
        loops=True,
    )


_LIST = "dialogue-list", "dialogue list in both languages", make_dialogue_list
_CUES = "cue-sheet", "cue sheet, by recording loop", make_cue_sheet
_CROSS = "cross-reference", "characters and the loops they are in", make_cross_reference
_RECORDED = "as-recorded", "as-recorded script", make_as_recorded

DIALOGUE_LIST, DIALOGUE_LIST_PDF = _make_workbook(*_LIST), _make_pdf(*_LIST)
CUE_SHEET, CUE_SHEET_PDF = _make_workbook(*_CUES), _make_pdf(*_CUES)
CROSS_REFERENCE, CROSS_REFERENCE_PDF = _make_workbook(*_CROSS), _make_pdf(*_CROSS)
AS_RECORDED, AS_RECORDED_PDF = _make_workbook(*_RECORDED), _make_pdf(*_RECORDED)
