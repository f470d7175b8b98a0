"""Add up what remote engines used over all runs of a project, in its `costs.json`, and price it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from rythmo.engines.prices import EngineUsage, PriceTable, merge_usage
from rythmo.progress import Cost
from rythmo.project import running_totals
from rythmo.project.workspace import Project
from rythmo.qc.report_model import Paid

FILE = "costs.json"
_CENTS = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Item:
    """The usage of one engine and its cost. `amount` is None when the price is unknown."""

    spent: EngineUsage
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Bill:
    """The cost of remote engines. `amount` is the sum of known prices; `unknown` names the other engines."""

    currency: str
    items: tuple[Item, ...] = ()

    @property
    def amount(self) -> Decimal:
        """The sum of the known prices, in `currency`."""
        return sum((item.amount for item in self.items if item.amount is not None), Decimal())

    @property
    def unknown(self) -> tuple[str, ...]:
        """Engines whose price is not in the table."""
        return tuple(f"{i.spent.engine} ({i.spent.model})" for i in self.items if i.amount is None)

    def as_data(self) -> dict[str, Any]:
        """Return the bill for JSON, with amounts rounded to four decimal places."""
        items = [
            {
                "kind": item.spent.kind,
                "engine": item.spent.engine,
                "model": item.spent.model,
                "requests": item.spent.requests,
                "retries": item.spent.retries,
                "units": dict(item.spent.units),
                "amount": None if item.amount is None else _rounded(item.amount),
            }
            for item in self.items
        ]
        known = _rounded(self.amount)
        return {"currency": self.currency, "amount": known, "unknown": list(self.unknown), "engines": items}

    def told(self) -> str:
        """Describe the bill: `0.12 USD, plus the unknown price of dashscope (fun-asr)`; "" when it is
        empty."""
        if not self.items:
            return ""
        known = f"{money(self.amount)} {self.currency}"
        if not self.unknown:
            return known
        others = " and ".join(self.unknown)
        if len(self.unknown) == len(self.items):
            return f"the price of {others} is not known"
        return f"{known}, plus the unknown price of {others}"


def price(spent: Sequence[EngineUsage], table: PriceTable) -> Bill:
    """Return the bill for what was used."""
    return Bill(table.currency, tuple(Item(one, table.cost(one)) for one in merge_usage(spent)))


def so_far(bill: Bill | None) -> Cost | None:
    """Return the bill for progress reports; None while it is empty."""
    if bill is None or not bill.items:
        return None
    return Cost(_rounded(bill.amount), bill.currency, bill.unknown)


def paid(bill: Bill) -> tuple[Paid, ...]:
    """Return the bill for the quality report."""
    return tuple(
        Paid(
            one.spent.kind,
            one.spent.engine,
            one.spent.model,
            one.spent.requests,
            one.spent.retries,
            tuple(sorted(one.spent.units.items())),
            None if one.amount is None else _rounded(one.amount),
            bill.currency,
        )
        for one in bill.items
    )


def spent_so_far(project: Project) -> tuple[EngineUsage, ...]:
    """Return what all runs of the project used. An unreadable file counts as empty."""
    return running_totals.read_totals(project, FILE, tuple[EngineUsage, ...])


def add(project: Project, spent: Sequence[EngineUsage]) -> tuple[EngineUsage, ...]:
    """Record what was used, and return the sum of all runs. Raises OutputError."""
    return running_totals.add_totals(project, FILE, tuple[EngineUsage, ...], spent, merge_usage)


def money(amount: Decimal) -> str:
    """Format an amount with two decimal places, or four when it is less than a cent."""
    places = Decimal("0.01") if amount >= Decimal("0.01") or not amount else _CENTS
    return str(amount.quantize(places, ROUND_HALF_UP))


def _rounded(amount: Decimal) -> float:
    return float(amount.quantize(_CENTS, ROUND_HALF_UP))
