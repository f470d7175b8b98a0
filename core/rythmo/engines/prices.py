"""What remote engines used, and what that costs by a dated table of prices (`prices.toml`).

Money is `Decimal` in the table's currency, rounded only where it is shown. A price that is not in the table
is unknown, and stays None: nothing is ever taken for free because nobody wrote its price down.
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

_SNAPSHOT = re.compile(r"-\d{4}-?\d{2}(-?\d{2})?$")
"""Services date a model's snapshots (gpt-4o-2024-08-06); they cost what the model costs."""


@dataclass(frozen=True, slots=True)
class Price:
    """`amount` for `per` units of an engine's model; where it was read, and when (ISO date)."""

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
        """What a user's entry replaces."""
        return self.kind, self.engine, self.model, self.unit


@dataclass(frozen=True, slots=True)
class EngineUsage:
    """What one engine used: requests that left this machine, how many of them were tries, and `units` by name
    (characters, seconds, input_tokens, output_tokens, clones)."""

    kind: str
    engine: str
    model: str
    requests: int = 0
    retries: int = 0
    units: Mapping[str, float] = field(default_factory=dict)

    def plus(self, other: EngineUsage) -> EngineUsage:
        """Both together."""
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
        """What that model's units cost; none where it is not known."""
        wanted = {model, _SNAPSHOT.sub("", model)}
        named = [price for price in self.prices if (price.kind, price.engine) == (kind, engine)]
        return tuple(price for price in named if price.model in wanted)

    def cost(self, spent: EngineUsage) -> Decimal | None:
        """What was used, in `currency`; None where the table does not say."""
        prices = self.of(spent.kind, spent.engine, spent.model)
        if not prices:
            return None
        return sum(
            (Decimal(str(spent.units.get(one.unit, 0))) * one.amount / one.per for one in prices), Decimal()
        )


def merge_usage(spent: Iterable[EngineUsage]) -> tuple[EngineUsage, ...]:
    """One entry for each engine and model, in order of kind and name."""
    found: dict[tuple[str, str, str], EngineUsage] = {}
    for one in spent:
        key = one.kind, one.engine, one.model
        found[key] = found[key].plus(one) if key in found else one
    return tuple(found[key] for key in sorted(found))


def load_prices(path: Path | None = None) -> PriceTable:
    """The built-in table; entries of the file at `path` replace those of the same engine, model and unit.

    Raises InputError when the file is not such a table, or is in another currency.
    """
    table = _built_in()
    if path is None:
        return table
    try:
        own = _parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path} is not a table of prices: {error}.",
            hint="It has: currency, and [[price]] entries with kind, engine, model, unit, amount, per, date, "
            "source.",
        ) from error
    if own.currency != table.currency:
        # One sum cannot be made of two currencies: then the user's own prices are all there are.
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
        raise ValueError(f"{amount} per {per} is no price")
    texts = {name: str(entry[name]) for name in ("kind", "engine", "model", "unit", "date", "source")}
    return Price(**texts, amount=amount, per=per)


@cache
def _built_in() -> PriceTable:
    return _parse(files("rythmo.engines").joinpath("prices.toml").read_text(encoding="utf-8"))
