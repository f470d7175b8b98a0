"""Set the review state of lines and comment on them. Pure: a script in, the changed script out.

Neither changes what sounds: no line is voiced again because of a state or a comment. Every function raises
ScriptError for a line or a comment that does not exist, and for a value that makes no sense.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from rythmo.counts import format_count
from rythmo.errors import ScriptError
from rythmo.script.clean_text import join_to_one_line
from rythmo.script.edit_marks import add_names
from rythmo.script.model import Line, Script
from rythmo.script.review_state import Comment, ReviewState

MOST_COMMENTS = 500
"""Comments on one line."""
LONGEST_COMMENT = 5000
_LONGEST_NAME = 200


def set_review_state(script: Script, line_id: str, state: ReviewState) -> Script:
    """Return the script with the line in that state.

    Every state but NEW confirms the words that the line has: they are kept as a person's own when the
    programme is dubbed again. Raises ScriptError for a line that has no words to confirm.
    """
    line = script.line(line_id)
    if line.review_state is state:
        return script
    kept = line.take is not None and line.take.is_original
    silent = not line.translation and "translation" not in line.edited
    if state is not ReviewState.NEW and silent and not kept:
        raise ScriptError(
            f"{line.id} has no translation that could be {state}.", hint="Translate it first, or write one."
        )
    edited = line.edited
    if state is not ReviewState.NEW and line.translation and not kept:
        edited = add_names(edited, "translation")
    return script.with_line(replace(line, review=state, edited=edited))


def add_comment(
    script: Script, line_id: str, text: str, *, author: str, time: datetime | None = None
) -> tuple[Script, str]:
    """Return the script with a comment added to the line, and the comment's id. `time` None is now."""
    line = script.line(line_id)
    if len(line.comments) >= MOST_COMMENTS:
        raise ScriptError(f"{line.id} has {MOST_COMMENTS} comments already.", hint="Delete some of them.")
    numbers = [int(tail) for comment in line.comments if (tail := comment.id.removeprefix("c")).isdecimal()]
    made = Comment(
        id=f"c{max(numbers, default=0) + 1}",
        author=_author(author),
        time=stamp(time or datetime.now(UTC)),
        text=_comment_text(text),
    )
    return script.with_line(replace(line, comments=(*line.comments, made))), made.id


def edit_comment(
    script: Script, line_id: str, comment_id: str, *, text: str | None = None, resolved: bool | None = None
) -> Script:
    """Return the script with the comment's text changed, or with the comment resolved or open again."""

    def change(comment: Comment) -> Comment:
        if text is not None:
            comment = replace(comment, text=_comment_text(text))
        return comment if resolved is None else replace(comment, resolved=resolved)

    return _with_comment(script, line_id, comment_id, change)


def delete_comment(script: Script, line_id: str, comment_id: str) -> Script:
    """Return the script without that comment."""
    return _with_comment(script, line_id, comment_id, lambda _: None)


def stamp(time: datetime) -> str:
    """Return a time as comments hold it: UTC, to the second."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _with_comment(
    script: Script, line_id: str, comment_id: str, change: Callable[[Comment], Comment | None]
) -> Script:
    line: Line = script.line(line_id)
    if all(comment.id != comment_id for comment in line.comments):
        known = ", ".join(comment.id for comment in line.comments) or "none"
        raise ScriptError(f"{line.id} has no comment {comment_id!r}.", hint=f"It has: {known}.")
    changed = (change(comment) if comment.id == comment_id else comment for comment in line.comments)
    return script.with_line(replace(line, comments=tuple(comment for comment in changed if comment)))


def _comment_text(text: str) -> str:
    clean = join_to_one_line(text)
    if not clean:
        raise ScriptError("A comment needs words.", hint="Write at least one letter.")
    if len(clean) > LONGEST_COMMENT:
        raise ScriptError(
            f"The comment has {format_count(len(clean), 'character')}.",
            hint=f"{LONGEST_COMMENT} are the most.",
        )
    return clean


def _author(name: str) -> str:
    clean = join_to_one_line(name)[:_LONGEST_NAME]
    if not clean:
        raise ScriptError("A comment needs the name of who makes it.", hint="Give it with --author.")
    return clean
