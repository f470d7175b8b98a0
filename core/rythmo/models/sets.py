"""The state of the model sets on this machine."""

from __future__ import annotations

from dataclasses import dataclass

from rythmo.models.catalog import RECOMMENDED, Catalog, Model, catalog
from rythmo.models.folders import find_installed, get_command
from rythmo.models.recommend import Machine, choose_models, look_at_machine


@dataclass(frozen=True, slots=True)
class SetState:
    """A set on this machine: its models, those not installed (`lacking`), and the bytes to download for
    them."""

    name: str
    summary: str
    models: tuple[Model, ...]
    lacking: tuple[Model, ...]
    download_bytes: int

    @property
    def command(self) -> str:
        """The command that installs the set."""
        return get_command(self.name)

    def describe(self) -> str:
        """Return the state in a few words."""
        if not self.lacking:
            return "installed"
        names = ", ".join(model.name for model in self.lacking)
        return f"{format_size(self.download_bytes)} to download: {names}"


def look_at_sets(table: Catalog | None = None, machine: Machine | None = None) -> tuple[SetState, ...]:
    """Return the state of all sets, the recommended one last."""
    table = table or catalog()
    machine = machine or look_at_machine()
    summaries = {name: entry.summary for name, entry in table.sets.items()}
    summaries[RECOMMENDED] = f"The models that suit this machine: {machine.describe()}."
    suited = choose_models(machine, table)
    states: list[SetState] = []
    for name, summary in summaries.items():
        models = table.expand([name], suited)
        lacking = tuple(model for model in models if find_installed(model) is None)
        states.append(SetState(name, summary, models, lacking, sum(map(table.download_bytes, lacking))))
    return tuple(states)


def format_size(size_bytes: int) -> str:
    """Return a size for people, in decimal MB or GB."""
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.0f} MB"
