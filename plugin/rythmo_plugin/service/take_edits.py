"""Human takes of the service's projects: imported files, recordings of the page, and how they are laid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rythmo.counts import format_count
from rythmo.dubbing.take_imports import (
    RECORDED,
    TakeImport,
    TakeRow,
    apply_take_import,
    read_row,
    take_recording,
)
from rythmo.errors import InputError
from rythmo.script.human_takes import set_layout
from rythmo.script.line_conflicts import require_line
from rythmo.script.model import Script
from rythmo_plugin.service import schema
from rythmo_plugin.service.project_edits import ProjectEditor
from rythmo_plugin.service.projects import OpenProject
from rythmo_plugin.service.recordings import Recordings

Change = Callable[[Script], Script]


class TakeEditor:
    """Adds human takes to the projects of one service."""

    def __init__(self, editor: ProjectEditor, recordings: Recordings) -> None:
        self._editor = editor
        self._recordings = recordings

    def take_import(self, project: str, found: TakeImport, asked: schema.TakeRowsAsked) -> schema.Changed:
        """Take the chosen files of an import as one edit. Raises ScriptError, OutputError."""
        open_ = self._editor.open_free(project)
        rows = [row for row in found.rows if row.can_be_taken and row.id in asked.rows]
        self._editor.cancel_takes(open_, [row.line for row in rows])
        what = f"import {rows[0].name}" if len(rows) == 1 else f"import {format_count(len(rows), 'take')}"

        def change(script: Script) -> Script:
            return apply_take_import(
                script,
                found,
                open_.project,
                rows=asked.rows,
                choose=asked.choose,
                layout=asked.layout,
            )

        before, after = open_.edit(change, what=what)
        if before != after:
            # Mixing lays every take that is new.
            self._editor.mix_later(open_)
        return self._editor.describe_change(open_, before, after, what=what)

    def set_layout(self, project: str, line_id: str, asked: schema.LayoutAsked) -> schema.Edited:
        """Lay the line's human take in another way."""
        open_ = self._editor.open_free(project, line_id)
        what = f"lay the take of {line_id}"
        return self._place(
            open_, line_id, lambda script: set_layout(script, line_id, asked.layout), asked.revision, what
        )

    def add_recording(self, project: str, line_id: str, asked: schema.RecordingAsked) -> schema.Edited:
        """Make a recording that has come whole a take of the line, and choose it.

        Asked again (an answer may have been lost), it is the same take. Raises InputError for a recording
        without speech, ScriptError, ApiError, OutputError.
        """
        open_ = self._editor.open_free(project, line_id)
        file = self._recordings.file(asked.recording, asked.size)
        row = read_row(RECORDED, file, open_.look()[0], open_.project, line=line_id, position=asked.position)
        if row.refusal:
            raise InputError(f"The recording is not taken: {row.refusal}", hint="It is kept on the page.")
        self._editor.cancel_takes(open_, [line_id])

        def change(script: Script) -> Script:
            require_line(script, line_id)
            return take_recording(script, line_id, _unnamed(row), open_.project, layout=asked.layout)[0]

        edited = self._place(open_, line_id, change, None, f"record {line_id}")
        self._recordings.forget(asked.recording)
        return edited

    def _place(
        self, open_: OpenProject, line_id: str, change: Change, revision: int | None, what: str
    ) -> schema.Edited:
        before, after = open_.edit(change, revision, what=what)
        job = None
        if before != after:
            # The take exists already, so this job only places it, which is quick.
            job = self._editor.take(open_, line_id)
            self._editor.mix_later(open_)
        return self._editor.describe_line(open_, line_id, job)


def _unnamed(row: TakeRow) -> TakeRow:
    """Return the row without a file's name: it was recorded here."""
    return replace(row, name="")
