"""Tell what an import of takes or of translations changed, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rythmo.cli.output import Output
from rythmo.cli.summary import list_deliveries
from rythmo.counts import format_count
from rythmo.dubbing.project_edits import EditedProject
from rythmo.files import make_printable


def tell_changed_lines(done: EditedProject, facts: Mapping[str, Any], output: Output) -> None:
    """Tell how many lines changed and which files were delivered; programs get `facts` with them."""
    old = {line.id: line for line in done.before.lines}
    lines = [line.id for line in done.result.script.lines if line != old.get(line.id)]
    made = list_deliveries(done.result) if done.result.deliveries else []
    told = f"{format_count(len(lines), 'line')} changed. `rythmo line PROJECT --undo` takes it back."
    output.say("\n".join([told, *(f"  {make_printable(path)}" for path in made)]))
    output.data("done", **facts, applied=True, lines=lines, deliveries=made)
