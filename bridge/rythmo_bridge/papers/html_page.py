"""Writes a paper as an HTML page that prints well: heads and page numbers on each page, no broken rows."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from rythmo_bridge.papers.paper import Paper
from rythmo_bridge.tables.sheet import Cell, Column, Formula, Sheet

_STYLE = """
@page { size: A4 landscape; margin: 14mm 10mm 16mm;
  @bottom-center { content: counter(page) " / " counter(pages); font: 8pt sans-serif; } }
* { box-sizing: border-box; }
body { font: 8pt/1.3 "Helvetica Neue", Arial, "Noto Sans", sans-serif; color: #111; margin: 1rem; }
h1 { font-size: 15pt; margin: 0 0 2pt; } h2 { font-size: 11pt; margin: 12pt 0 4pt; }
.facts { color: #444; margin: 0 0 8pt; }
table { border-collapse: collapse; width: 100%; }
thead { display: table-header-group; }
th { background: #2b3a4a; color: #fff; text-align: start; vertical-align: bottom; font-weight: 600; }
th, td { border: 0.5pt solid #b8c0c8; padding: 1.5pt 3.5pt; }
td { vertical-align: top; white-space: pre-line; unicode-bidi: plaintext; text-align: start; }
tr { break-inside: avoid; }
.fixed { white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.upright { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; margin: auto;
  max-height: 60mm; overflow: hidden; }
section + section { break-before: page; }
@media print { body { margin: 0; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
""".strip()
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def render_html(paper: Paper) -> str:
    """Return the page. It holds no script and loads nothing."""
    sections = "\n".join(_write_section(sheet, several=len(paper.sheets) > 1) for sheet in paper.sheets)
    title, facts = escape(paper.title), escape(" · ".join(paper.facts))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{title}: {escape(paper.facts[0] if paper.facts else "")}</title>
<style>
{_STYLE}
</style>
</head>
<body>
<h1>{title}</h1>
<p class="facts">{facts}</p>
{sections}
</body>
</html>
"""


def _write_section(sheet: Sheet, *, several: bool) -> str:
    widths = "".join(map(_write_width, sheet.columns))
    head = "".join(map(_write_head, sheet.columns))
    body = "\n".join(f"<tr>{''.join(_write_cells(sheet.columns, row))}</tr>" for row in sheet.rows)
    title = f"<h2>{escape(sheet.title)}</h2>\n" if several else ""
    return (
        f"<section>\n{title}<table>\n<colgroup>{widths}</colgroup>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n</section>"
    )


def _write_width(column: Column) -> str:
    """Return a column as wide as its share where its words wrap; others take what they need."""
    return f'<col style="width:{column.width}ch">' if column.wrap or not column.locked else "<col>"


def _write_head(column: Column) -> str:
    title = escape(column.title)
    inside = f'<div class="upright">{title}</div>' if column.upright else title
    return f'<th scope="col">{inside}</th>'


def _write_cells(columns: Iterable[Column], row: Iterable[Cell]) -> Iterable[str]:
    for column, cell in zip(columns, row, strict=True):
        value = cell.value if isinstance(cell, Formula) else cell
        style = f' style="background:#{column.shade}"' if column.shade and value not in (None, "") else ""
        numeric = isinstance(value, int | float)
        kind = ' class="number"' if numeric else "" if column.wrap else ' class="fixed"'
        yield f"<td{kind}{style}>{escape('' if value is None else str(value))}</td>"
