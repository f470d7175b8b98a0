"""Review states, comments, and translators' files: saved at once, voiced only where words are new."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UNSET

from rythmo.counts import format_count
from rythmo.dubbing.project_edits import sounds_same
from rythmo.script import review_edits
from rythmo.script.line_conflicts import require_line
from rythmo.script.model import Script
from rythmo.user_folder import login_name
from rythmo_bridge.translation.apply_import import apply_import
from rythmo_bridge.translation.pairs import Decision, Import
from rythmo_plugin.service import schema
from rythmo_plugin.service.project_edits import ProjectEditor
from rythmo_plugin.service.projects import OpenProject

Change = Callable[[Script], Script]


class TranslationEditor:
    """Changes what people say about lines, and takes what translators send."""

    def __init__(self, editor: ProjectEditor) -> None:
        self._editor = editor

    def set_states(self, project: str, asked: schema.StateAsked) -> schema.Changed:
        """Set the review state of lines in one edit."""
        open_ = self._editor.open_free(project)

        def change(script: Script) -> Script:
            for line_id in asked.lines:
                require_line(script, line_id)
                script = review_edits.set_review_state(script, line_id, asked.state)
            return script

        what = asked.lines[0] if len(asked.lines) == 1 else format_count(len(asked.lines), "line")
        return self._annotate(open_, change, f"{asked.state}: {what}", asked.revision)

    def add_comment(self, project: str, line_id: str, asked: schema.CommentAsked) -> schema.Changed:
        """Comment on a line."""
        author = asked.author.strip() or login_name()
        return self._annotate(
            self._editor.open_free(project, line_id),
            lambda script: review_edits.add_comment(script, line_id, asked.text, author=author)[0],
            f"comment on {line_id}",
        )

    def change_comment(
        self, project: str, line_id: str, comment: str, asked: schema.CommentChange
    ) -> schema.Changed:
        """Reword a comment, resolve it, or open it again."""
        text = None if asked.text is UNSET else asked.text
        resolved = None if asked.resolved is UNSET else asked.resolved
        return self._annotate(
            self._editor.open_free(project, line_id),
            lambda script: review_edits.edit_comment(script, line_id, comment, text=text, resolved=resolved),
            f"change a comment on {line_id}",
        )

    def delete_comment(self, project: str, line_id: str, comment: str) -> schema.Changed:
        """Delete a comment."""
        return self._annotate(
            self._editor.open_free(project, line_id),
            lambda script: review_edits.delete_comment(script, line_id, comment),
            f"delete a comment on {line_id}",
        )

    def take_import(self, project: str, found: Import, asked: schema.TakeTranslationAsked) -> schema.Changed:
        """Take the decided rows of an import as one edit; the lines whose words are new are voiced."""
        open_ = self._editor.open_free(project)
        decision = Decision(frozenset(asked.words), frozenset(asked.corrections), frozenset(asked.extras))
        author = asked.author.strip() or login_name()
        return self._annotate(
            open_,
            lambda script: apply_import(script, found, decision, author=author),
            f"import {found.name}",
        )

    def _annotate(
        self, open_: OpenProject, change: Change, what: str, revision: int | None = None
    ) -> schema.Changed:
        fresh = not open_.stale
        before, after = open_.edit(change, revision, what=what)
        if not sounds_same(before, after):
            # Mixing voices every line whose words are new.
            self._editor.mix_later(open_)
        elif fresh:
            # Nothing sounds otherwise: the stems are as new as the script.
            open_.mixed(open_.look()[1])
        return self._editor.describe_change(open_, before, after, what=what)
