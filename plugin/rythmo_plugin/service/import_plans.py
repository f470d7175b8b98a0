"""Keep translators' files that were compared, between showing them and taking them. They are not stored."""

from __future__ import annotations

import secrets
from pathlib import Path

from rythmo.errors import InputError
from rythmo.script.model import Script
from rythmo_bridge.translation.pairs import Import, Pair
from rythmo_bridge.translation.read_import import (
    ImportOptions,
    TableLayout,
    is_table,
    read_import,
    read_layout,
)
from rythmo_plugin.service import schema
from rythmo_plugin.service.kept_plans import KeptPlans

_HEAD_ROWS, _HEAD_COLUMNS, _HEAD_LETTERS = 4, 40, 60


class ImportPlans:
    """The latest imports by id."""

    def __init__(self) -> None:
        self._plans = KeptPlans[Import]("import")

    def make(
        self, project_id: str, path: Path, script: Script, options: ImportOptions
    ) -> schema.TranslationPlan:
        """Compare a file with the script. Raises InputError, UsageError."""
        layout = read_layout(path, script, options.encoding) if is_table(path) else None
        try:
            found = read_import(path, script, options)
        except InputError:
            if layout is None or layout.columns is not None or options.columns:
                raise
            return _ask_columns(path.name, layout)
        return schema.TranslationPlan(
            id=self._plans.keep(project_id, found),
            name=found.name,
            form=found.form,
            rows=[_view_pair(pair) for pair in found.changed],
            counts=found.counts,
            missing=list(found.missing),
            notes=list(found.notes),
            columns=_view_columns(layout),
            head=_view_head(layout),
        )

    def find(self, project_id: str, plan: str) -> Import:
        """Return the import that was shown as that plan. Raises ApiError (404)."""
        return self._plans.find(project_id, plan)


def _ask_columns(name: str, layout: TableLayout) -> schema.TranslationPlan:
    return schema.TranslationPlan(
        # Nothing is kept under it, but the page tells by it that the plan is another.
        id=secrets.token_hex(8),
        name=name,
        form=layout.table.form,
        rows=[],
        counts={},
        missing=[],
        notes=list(layout.table.notes),
        columns={},
        head=_view_head(layout),
        unknown=True,
    )


def _view_columns(layout: TableLayout | None) -> dict[str, int]:
    if layout is None or layout.columns is None:
        return {}
    return {kind.value: place for kind, place in layout.columns.places.items()}


def _view_head(layout: TableLayout | None) -> list[list[str]]:
    if layout is None:
        return []
    first = max(0, layout.columns.head) if layout.columns else 0
    rows = layout.table.rows[first : first + _HEAD_ROWS]
    return [[cell.text[:_HEAD_LETTERS] for cell in row[:_HEAD_COLUMNS]] for row in rows]


def _view_pair(pair: Pair) -> schema.TranslationRow:
    refusal = pair.refusal
    return schema.TranslationRow(
        id=pair.id,
        rows=list(pair.rows),
        line=pair.line,
        by=pair.by,
        source=pair.source,
        target=pair.target,
        text=pair.text,
        translation=pair.translation,
        new_target=pair.new_target,
        correction=pair.correction,
        direction=pair.direction,
        state=pair.state,
        comments=[comment.text for comment in pair.comments],
        code=refusal.code if refusal else "",
        refusal=refusal.message if refusal else "",
        can_overrule=refusal is not None and refusal.can_be_overruled,
        offers_words=pair.offers_words,
        notes=list(pair.notes),
    )
