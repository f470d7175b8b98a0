"""Books what a project's runs cost and took: the one place that empties the meters of an engine pool."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rythmo.dubbing import costs, effort
from rythmo.dubbing.costs import Bill
from rythmo.engines.pool import EnginePool
from rythmo.engines.prices import PriceTable, load_prices
from rythmo.engines.timing import Work
from rythmo.project.workspace import Project
from rythmo.settings import Settings


@dataclass(frozen=True, slots=True)
class Booked:
    """What was booked: the bill since the last booking, that of all runs, and the work since the last one."""

    cost: Bill
    cost_so_far: Bill
    work: tuple[Work, ...]


def book(project: Project, pool: EnginePool, settings: Settings) -> Booked:
    """Write down in the project what the pool's engines used and took since the last call.

    Raises OutputError when the project cannot be written.
    """
    table, spent, work = price_table(settings), pool.spent(), pool.clock.taken()
    effort.add(project, work)
    return Booked(costs.price(spent, table), costs.price(costs.add(project, spent), table), work)


def price_table(settings: Settings) -> PriceTable:
    """Return the prices in force: those of the settings' own file before those that are shipped."""
    return load_prices(Path(settings.prices.file) if settings.prices.file else None)
