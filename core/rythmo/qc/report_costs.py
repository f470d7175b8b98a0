"""Show what remote engines cost, as a table of the report."""

from __future__ import annotations

from html import escape

from rythmo.counts import format_count
from rythmo.qc.report_model import Paid, QcReport
from rythmo.qc.report_tables import DASH

_UNITS = {
    "characters": "{:,.0f} characters",
    "seconds": "{:,.0f} s of sound",
    "input_tokens": "{:,.0f} tokens in",
    "output_tokens": "{:,.0f} tokens out",
    "clones": "{:,.0f} clones",
}


def costs_table(report: QcReport) -> str:
    """Return a table of every remote engine and its usage; nothing where all engines ran on this machine."""
    if not report.paid:
        return ""
    rows = "".join(_row(paid) for paid in report.paid)
    known = [paid.amount for paid in report.paid if paid.amount is not None]
    currency = report.paid[0].currency
    whole = f"About {sum(known):,.2f} {escape(currency)} in total" if known else "No price is known"
    rest = "" if len(known) == len(report.paid) else ", plus engines without a known price"
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Step", "Engine", "Usage", "Cost"))
    return (
        f'<h2>What it cost</h2><p class="note">{whole}{rest}, by the price table, over all runs of the '
        f'project so far.</p><div class="scroll" tabindex="0"><table class="costs"><thead><tr>{heads}</tr>'
        f"</thead><tbody>{rows}</tbody></table></div>\n"
    )


def _row(paid: Paid) -> str:
    again = f", {paid.retries} of them retries" if paid.retries else ""
    requests = f"{format_count(paid.requests, 'request')}{again}"
    units = [_UNITS.get(name, f"{{:,.0f}} {name}").format(amount) for name, amount in paid.units]
    money = DASH if paid.amount is None else f"{paid.amount:,.4f} {paid.currency}"
    cells = (paid.kind, f"{paid.engine} ({paid.model})", "; ".join([requests, *units]), money)
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
