"""Split, join, delete, restore and lock lines: saved at once, then voiced where words are new."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import UNSET

from rythmo.errors import UsageError
from rythmo.script import line_structure
from rythmo.script.face_edits import forget_face_name, name_face, set_presence
from rythmo.script.line_conflicts import require_line, require_seen
from rythmo.script.locks import require_unlocked, set_locked
from rythmo.script.model import Line, Script
from rythmo.script.on_screen import Presence
from rythmo.script.text_cuts import Cut, find_cut_at_character, find_cut_at_sample, find_cut_at_word
from rythmo_plugin.service import schema
from rythmo_plugin.service.face_views import require_face
from rythmo_plugin.service.project_edits import ProjectEditor
from rythmo_plugin.service.projects import OpenProject

Change = Callable[[Script], Script]


class StructureEditor:
    """Changes which lines a project has."""

    def __init__(self, editor: ProjectEditor) -> None:
        self._editor = editor

    def split(self, project: str, line_id: str, asked: schema.SplitLineAsked) -> schema.Changed:
        """Split a line at a word, a character or a time, and voice both parts."""
        open_ = self._editor.open_free(project, line_id)
        made = [line_id]
        seen = {} if asked.seen_text is UNSET else {"text": asked.seen_text}

        def change(script: Script) -> Script:
            line = require_line(script, line_id)
            require_unlocked(line)
            require_seen(line, seen)
            script, second = line_structure.split_line(script, line_id, _find_cut(line, asked))
            made.append(second)
            return script

        return self._apply(open_, change, asked.revision, f"split {line_id}", voiced=made)

    def join(self, project: str, asked: schema.JoinLinesAsked) -> schema.Changed:
        """Make neighbouring lines one, and voice it."""
        open_ = self._editor.open_free(project)

        def change(script: Script) -> Script:
            for line_id in asked.lines:
                require_line(script, line_id)
            return line_structure.join_lines(script, asked.lines, across_speakers=asked.across_speakers)

        before, _ = open_.look()
        kept = [line.id for line in before.lines if line.id in asked.lines][:1]
        what = f"join {', '.join(asked.lines)}"
        return self._apply(open_, change, asked.revision, what, voiced=kept, gone=asked.lines)

    def delete(self, project: str, line_id: str) -> schema.Changed:
        """Delete a line; its takes are kept."""
        open_ = self._editor.open_free(project, line_id)
        return self._apply(
            open_,
            lambda script: line_structure.delete_lines(script, [require_line(script, line_id).id]),
            None,
            f"delete {line_id}",
            gone=[line_id],
        )

    def restore(self, project: str, line_id: str) -> schema.Changed:
        """Bring a deleted line back."""
        open_ = self._editor.open_free(project)
        return self._apply(
            open_, lambda script: line_structure.restore_line(script, line_id), None, f"restore {line_id}"
        )

    def lock(self, project: str, line_id: str, asked: schema.LockAsked) -> schema.Changed:
        """Lock a line, or unlock it; nothing sounds otherwise for it."""
        open_ = self._editor.open_free(project, line_id)
        before, after = open_.edit(
            lambda script: set_locked(script, [require_line(script, line_id).id], locked=asked.locked),
            asked.revision,
            what=f"{'lock' if asked.locked else 'unlock'} {line_id}",
        )
        if asked.locked:
            self._editor.cancel_takes(open_, [line_id])
        return self._editor.describe_change(open_, before, after)

    def screen(self, project: str, line_id: str, asked: schema.ScreenAsked) -> schema.Changed:
        """Say whether a line's speaker is on screen, or take that back; the line is fitted again."""
        presence = Presence(asked.presence) if asked.presence else None
        return self._apply(
            self._editor.open_free(project, line_id),
            lambda script: set_presence(script, require_line(script, line_id).id, presence),
            asked.revision,
            f"say whether {line_id} is on screen",
            voiced=[line_id],
        )

    def name_face(self, project: str, face: str, asked: schema.NameFaceAsked) -> schema.Changed:
        """Say whose face it is, or take that back. The next mix looks again who is seen in which line."""
        open_ = self._editor.open_free(project)
        person = require_face(open_.project, face)

        def change(script: Script) -> Script:
            if asked.speaker is None:
                return forget_face_name(script, *person.example)
            return name_face(script, *person.example, asked.speaker)

        return self._apply(open_, change, asked.revision, f"say whose face {face} is")

    def _apply(
        self,
        open_: OpenProject,
        change: Change,
        revision: int | None,
        what: str,
        *,
        voiced: Sequence[str] = (),
        gone: Sequence[str] = (),
    ) -> schema.Changed:
        before, after = open_.edit(change, revision, what=what)
        self._editor.cancel_takes(open_, gone)
        present = {line.id: line for line in after.lines}
        jobs = [self._editor.take(open_, one) for one in voiced if one in present and _speaks(present[one])]
        if before != after:
            self._editor.mix_later(open_)
        return self._editor.describe_change(open_, before, after, jobs=jobs)


def _speaks(line: Line) -> bool:
    return bool(line.translation) or "translation" not in line.edited


def _find_cut(line: Line, asked: schema.SplitLineAsked) -> Cut:
    given = [name for name in ("word", "character", "at") if getattr(asked, name) is not UNSET]
    if len(given) != 1:
        raise UsageError("A split needs one of word, character and at.", hint="Send exactly one of them.")
    if asked.word is not UNSET:
        return find_cut_at_word(line, asked.word)
    if asked.character is not UNSET:
        return find_cut_at_character(line, asked.character)
    assert asked.at is not UNSET
    return find_cut_at_sample(line, asked.at)
