"""What undo and redo restore: the difference of two scripts, as a value that can be stored. Pure.

Takes are never undone: a restored line keeps those that were made since. Nor is the count of ids, so that an
edit that was undone does not give its ids to another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rythmo.script.line_ids import find_last_number
from rythmo.script.model import Line, Script, Speaker
from rythmo.script.takes import Take


@dataclass(frozen=True, slots=True)
class UndoState:
    """What undo or redo restores: some lines and the speakers, or a whole script.

    `what` says in words what the edit was. `kept` is the number of the kept state of the project (see
    `project.rollback`) from which a conform is undone file by file.
    """

    lines: tuple[Line, ...] = ()
    speakers: tuple[Speaker, ...] | None = None
    script: Script | None = None
    what: str = ""
    kept: int | None = None


def find_difference(before: Script, after: Script) -> UndoState:
    """Return what must be restored to get from `after` to `before`."""
    old, new = ({line.id: line for line in script.lines} for script in (before, after))
    if old.keys() != new.keys() or _rest(before) != _rest(after):
        return UndoState(script=before)
    # A film has two thousand lines, and an edit changes one: the same object is not compared field by field.
    lines = tuple(line for line in before.lines if line is not new[line.id] and line != new[line.id])
    return UndoState(lines, before.speakers if before.speakers != after.speakers else None)


def restore_state(script: Script, state: UndoState) -> Script:
    """Return the script with the state restored, all takes kept, and no id free to be given again."""
    known = {line.id: line.takes for line in (*script.removed, *script.lines)}
    if state.script is not None:
        back = state.script
        removed = tuple(_with_takes(line, known) for line in back.removed)
        back = replace(back.map_lines(lambda line: _with_takes(line, known)), removed=removed)
    else:
        lines = {line.id: _with_takes(line, known) for line in state.lines}
        back = script.map_lines(lambda line: lines.get(line.id, line))
        back = back if state.speakers is None else replace(back, speakers=state.speakers)
    # The revision of what languages share only goes up: it says which of them was corrected last.
    return replace(
        back,
        last_number=_count_ids(back, script),
        original=script.original,
    )


def _count_ids(back: Script, script: Script) -> int:
    """The count of ids after undo: that of `script` where some of its lines are no more in `back`."""
    given = find_last_number(script)
    return given if given > find_last_number(back) else max(back.last_number, script.last_number)


def extend_state(state: UndoState, before: Script, after: Script) -> UndoState:
    """Return the state that undoes, besides its edit, what engines made of `before` because of it.

    `before` is the script with the edit, `after` the same with new takes, placements and flags. New takes and
    flags alone are nothing to undo.
    """
    if state.script is not None or _differ_in_findings_alone(before, after):
        return state
    earlier = restore_state(before, state)
    now = {line.id: line for line in after.lines}
    if earlier.lines and all(line.id in now for line in earlier.lines):
        earlier = earlier.map_lines(lambda line: _unless_only_found(line, now[line.id]))
    found = find_difference(earlier, after)
    return replace(found, what=state.what, kept=state.kept)


def leave_to_others(state: UndoState, older: Sequence[UndoState], before: Script, after: Script) -> Script:
    """Return `after` without what was made of lines that older edits touched and the edit of `state` did not.

    The takes of several edits may be made after the last of them: each is undone with its own edit.
    """
    others = {line_id for one in older for line_id in _list_touched(one, before)}
    others -= _list_touched(state, before)
    known = {line.id: line for line in before.lines}
    return after.map_lines(lambda line: known.get(line.id, line) if line.id in others else line)


def _list_touched(state: UndoState, now: Script) -> set[str]:
    """The lines that an edit changed, made or removed."""
    if state.script is None:
        return {line.id for line in state.lines}
    then = {line.id: _words_and_times(line) for line in state.script.lines}
    present = {line.id: _words_and_times(line) for line in now.lines}
    return {name for name in then.keys() | present.keys() if then.get(name) != present.get(name)}


def _words_and_times(line: Line) -> Line:
    return replace(line, takes=(), flags=(), chosen=None, placement=None, prosody=None, manner=None)


def merge_takes(mine: tuple[Take, ...], theirs: tuple[Take, ...]) -> tuple[Take, ...]:
    """Return the takes of both, each once, in order of their number."""
    known = {take.id: take for take in (*theirs, *mine)}
    return tuple(known[name] for name in sorted(known, key=lambda name: (len(name), name)))


def _unless_only_found(earlier: Line, now: Line) -> Line:
    """The earlier line with the takes of now, and with its flags where nothing else is new."""
    if earlier is now:
        return now
    earlier = replace(earlier, takes=merge_takes(earlier.takes, now.takes))
    return now if replace(earlier, flags=now.flags) == now else earlier


def _with_takes(line: Line, known: Mapping[str, tuple[Take, ...]]) -> Line:
    takes = merge_takes(line.takes, known.get(line.id, ()))
    return line if takes == line.takes else replace(line, takes=takes)


def _rest(script: Script) -> Script:
    """Everything that is neither a line nor a speaker, nor a finding of engines, nor a count."""
    bare = replace(script, lines=(), speakers=(), engines={}, remarks=(), findings=())
    return replace(bare, last_number=0, original=0)


def _differ_in_findings_alone(before: Script, after: Script) -> bool:
    bare = [
        replace(one, lines=(), engines={}, remarks=(), last_number=0, original=0) for one in (before, after)
    ]
    if bare[0] != bare[1] or len(before.lines) != len(after.lines):
        return False
    pairs = zip(before.lines, after.lines, strict=True)
    return all(one is other or _without_findings(one) == _without_findings(other) for one, other in pairs)


def _without_findings(line: Line) -> Line:
    return replace(line, takes=(), flags=())
