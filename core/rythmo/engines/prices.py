"""The use of remote engines, and its cost by a dated table of prices (`prices.toml`).

Money is `Decimal` in the table's currency, rounded only for display. A price that is not in the table is
unknown (None); it never counts as zero.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from rythmo.errors import InputError

# The date in the name of a model's snapshot (gpt-4o-2024-08-06), which costs what the model costs.
_SNAPSHOT = re.compile(r"-\d{4}-?\d{2}(-?\d{2})?$")


@dataclass(frozen=True, slots=True)
class Price:
    """The price of an engine's model: `amount` for `per` units. `source` and `date` (ISO) say where it is
    from."""

    kind: str
    engine: str
    model: str
    unit: str
    amount: Decimal
    per: int
    date: str
    source: str

    @property
    def names(self) -> tuple[str, str, str, str]:
        """The fields that identify the price; a user's entry with the same ones replaces it."""
        return self.kind, self.engine, self.model, self.unit


@dataclass(frozen=True, slots=True)
class EngineUsage:
    """What one engine used.

    `requests` left this machine, of which `retries` were repeats. `units` are by name: characters, seconds,
    input_tokens, output_tokens, clones.
    """

    kind: str
    engine: str
    model: str
    requests: int = 0
    retries: int = 0
    units: Mapping[str, float] = field(default_factory=dict)

    def plus(self, other: EngineUsage) -> EngineUsage:
        """Return the sum of both."""
        names = sorted({*self.units, *other.units})
        units = {name: self.units.get(name, 0) + other.units.get(name, 0) for name in names}
        return replace(
            self, requests=self.requests + other.requests, retries=self.retries + other.retries, units=units
        )


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Prices in one currency."""

    currency: str
    prices: tuple[Price, ...]

    def of(self, kind: str, engine: str, model: str) -> tuple[Price, ...]:
        """Return the prices of a model's units; empty when they are not known."""
        wanted = {model, _SNAPSHOT.sub("", model)}
        named = [price for price in self.prices if (price.kind, price.engine) == (kind, engine)]
        return tuple(price for price in named if price.model in wanted)

    def cost(self, spent: EngineUsage) -> Decimal | None:
        """Return the cost in `currency`; None when the table has no price for the model."""
        prices = self.of(spent.kind, spent.engine, spent.model)
        if not prices:
            return None
        return sum(
            (Decimal(str(spent.units.get(one.unit, 0))) * one.amount / one.per for one in prices), Decimal()
        )


def merge_usage(spent: Iterable[EngineUsage]) -> tuple[EngineUsage, ...]:
    """Add up usage into one entry for each engine and model, in order of kind and name."""
    found: dict[tuple[str, str, str], EngineUsage] = {}
    for one in spent:
        key = one.kind, one.engine, one.model
        found[key] = found[key].plus(one) if key in found else one
    return tuple(found[key] for key in sorted(found))


def load_prices(path: Path | None = None) -> PriceTable:
    """Return the built-in table, in which entries of the file at `path` replace those for the same units.

    A file in another currency replaces the whole table. Raises InputError when the file is not a price table.
    """
    table = _built_in()
    if path is None:
        return table
    try:
        own = _parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path} is not a table of prices: {error}.",
            hint="It needs currency, and [[price]] entries with kind, engine, model, unit, amount, per, date "
            "and source.",
        ) from error
    if own.currency != table.currency:
        # Two currencies cannot be added up, so only the user's own prices count.
        return own
    replaced = {price.names for price in own.prices}
    kept = [price for price in table.prices if price.names not in replaced]
    return PriceTable(table.currency, (*kept, *own.prices))


def _parse(text: str) -> PriceTable:
    data = tomllib.loads(text, parse_float=Decimal)
    return PriceTable(str(data["currency"]), tuple(_price(entry) for entry in data["price"]))


def _price(entry: Mapping[str, Any]) -> Price:
    amount, per = Decimal(entry["amount"]), int(entry["per"])
    if amount < 0 or per < 1:
        raise ValueError(f"{amount} per {per} is not a price")
    texts = {name: str(entry[name]) for name in ("kind", "engine", "model", "unit", "date", "source")}
    return Price(**texts, amount=amount, per=per)


@cache
def _built_in() -> PriceTable:
    return _parse(files("rythmo.engines").joinpath("prices.toml").read_text(encoding="utf-8"))
