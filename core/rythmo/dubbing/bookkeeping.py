"""Record the cost and working time of a project's runs. Only this module empties an engine pool's meters."""

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
    """The cost and work since the last booking, and the cost of all runs."""

    cost: Bill
    cost_so_far: Bill
    work: tuple[Work, ...]


def book(project: Project, pool: EnginePool, settings: Settings) -> Booked:
    """Record in the project what the pool's engines cost, and how long they worked, since the last call.

    Raises OutputError when the project cannot be written.
    """
    table, spent, work = price_table(settings), pool.spent(), pool.clock.taken()
    effort.add(project, work)
    return Booked(costs.price(spent, table), costs.price(costs.add(project, spent), table), work)


def price_table(settings: Settings) -> PriceTable:
    """Return the prices in force: the user's own table overrides the one that is shipped."""
    return load_prices(Path(settings.prices.file) if settings.prices.file else None)
