"""Take what a person decided to take of an import. Pure: a script in, the changed script out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rythmo.errors import ScriptError
from rythmo.script.clean_text import join_to_one_line
from rythmo.script.edits import edit_line
from rythmo.script.model import Script
from rythmo.script.review_edits import add_comment, set_review_state
from rythmo_bridge.translation.pairs import Decision, Import, Pair

_SHOWN = 6


def apply_import(
    script: Script, found: Import, decision: Decision, *, author: str, time: datetime | None = None
) -> Script:
    """Return the script with the decided parts of the import in it.

    A line that was only reviewed or commented on is not voiced again; a corrected original keeps the
    translation that stands beside it in the file. `author` signs comments that name nobody. Raises
    ScriptError when a line has changed since the import was shown, or for a part that cannot be taken.
    """
    _require_unchanged(script, found.pairs)
    _require_known(found, decision)
    for pair in found.pairs:
        if pair.line and not pair.is_blocked:
            script = _take(script, pair, decision, author, time)
    return script


def _take(script: Script, pair: Pair, decision: Decision, author: str, time: datetime | None) -> Script:
    words = pair.new_target if pair.id in decision.words and pair.offers_words else None
    if pair.id in decision.corrections and pair.correction is not None:
        kept = words if words is not None else pair.translation
        script = edit_line(script, pair.line, text=pair.correction)
        # A new original alone would be translated afresh; whoever corrected it left these words beside it.
        words = kept or None
    if words is not None:
        script = edit_line(script, pair.line, translation=words)
    if pair.id in decision.extras:
        script = _take_extras(script, pair, taken=words is not None, author=author, time=time)
    return script


def _take_extras(script: Script, pair: Pair, *, taken: bool, author: str, time: datetime | None) -> Script:
    if pair.direction is not None:
        script = edit_line(script, pair.line, direction=pair.direction)
    # A state that was set on words which are not taken says nothing about the line's own.
    if pair.state is not None and (taken or pair.new_target is None):
        script = set_review_state(script, pair.line, pair.state)
    for comment in pair.comments:
        signed = comment.author or author
        script, _ = add_comment(script, pair.line, comment.text, author=signed, time=time)
    return script


def _require_unchanged(script: Script, pairs: Iterable[Pair]) -> None:
    lines = {line.id: line for line in script.lines}
    stale = [
        pair.line
        for pair in pairs
        if pair.line
        and (
            pair.line not in lines
            or join_to_one_line(lines[pair.line].text) != join_to_one_line(pair.text)
            or join_to_one_line(lines[pair.line].translation) != join_to_one_line(pair.translation)
        )
        and not pair.is_blocked
        and pair.changes
    ]
    if stale:
        names = ", ".join(stale[:_SHOWN]) + (" ..." if len(stale) > _SHOWN else "")
        raise ScriptError(
            f"{names} changed since the file was compared; nothing was taken.", hint="Read the file in again."
        )


def _require_known(found: Import, decision: Decision) -> None:
    known = {pair.id for pair in found.pairs}
    asked = decision.words | decision.corrections | decision.extras
    if unknown := sorted(asked - known):
        raise ScriptError(f"The file has no row {unknown[0]!r}.", hint="Read the file in again.")
