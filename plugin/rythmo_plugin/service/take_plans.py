"""Keep recorded files that were paired with lines, between showing the pairs and taking them. Not stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rythmo.dubbing.take_imports import TakeImport, TakeRow, compare_takes
from rythmo_plugin.service import schema
from rythmo_plugin.service.kept_plans import KeptPlans
from rythmo_plugin.service.projects import OpenProject


class TakePlans:
    """The latest imports of takes by id."""

    def __init__(self) -> None:
        self._plans = KeptPlans[TakeImport]("import")

    def make(self, open_: OpenProject, files: Sequence[Path], lines: Mapping[str, str]) -> schema.TakePlan:
        """Pair files with the project's lines. Raises ScriptError for a line that does not exist."""
        script, _ = open_.look()
        found = compare_takes(files, script, open_.project, lines=lines)
        plan = self._plans.keep(open_.id, found)
        return schema.TakePlan(id=plan, rows=[_view_row(row) for row in found.rows], counts=found.counts)

    def find(self, project_id: str, plan: str) -> TakeImport:
        """Return the import that was shown as that plan. Raises ApiError (404)."""
        return self._plans.find(project_id, plan)


def _view_row(row: TakeRow) -> schema.TakeRow:
    recording = row.recording
    return schema.TakeRow(
        id=row.id,
        name=row.name,
        line=row.line,
        code=row.code,
        refusal=row.refusal,
        length=recording.length if recording else None,
        spoken=recording.speech[1] - recording.speech[0] if recording else None,
        positioned=row.position is not None,
        known=row.known,
        notes=list(row.notes),
    )
