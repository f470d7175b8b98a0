"""A person's decisions about faces: whether a line's speaker is seen, and who a face is. Pure."""

from __future__ import annotations

from dataclasses import replace

from rythmo.errors import ScriptError
from rythmo.script.edit_marks import add_names, drop_names
from rythmo.script.locks import require_unlocked
from rythmo.script.model import Script
from rythmo.script.on_screen import FaceName, OnScreen, Presence

_NAME = "on_screen"
_NEAR = 0.05
"""Two decisions about places so near, in one frame, are about one face."""


def set_presence(script: Script, line_id: str, presence: Presence | None) -> Script:
    """Return the script with the decision whether a line's speaker is on screen.

    None takes the decision back: what is found in the picture counts again from the next look on. Raises
    ScriptError for a line that does not exist or is locked.
    """
    line = script.line(line_id)
    require_unlocked(line)
    if presence is None:
        if _NAME not in line.edited:
            return script
        return script.with_line(replace(line, edited=drop_names(line.edited, _NAME), on_screen=None))
    seen = replace(line.on_screen or OnScreen(presence), presence=presence)
    return script.with_line(replace(line, on_screen=seen, edited=add_names(line.edited, _NAME)))


def name_face(script: Script, frame: int, x: float, y: float, speaker: str) -> Script:
    """Return the script with the decision that the face at (x, y) of a frame is a speaker's.

    `x` and `y` are shares of the picture. An empty `speaker` is somebody who says nothing. Raises ScriptError
    for an unknown speaker and a place outside the picture.
    """
    if speaker:
        script.speaker(speaker)
    if frame < 0 or not (0 <= x <= 1 and 0 <= y <= 1):
        raise ScriptError("That place is not in the picture.", hint="Point at a face: rythmo faces PROJECT.")
    known = find_face_name(script, frame, x, y)
    if known is not None and known.speaker == speaker:
        return script
    kept = (name for name in script.faces if name is not known)
    return _look_again(replace(script, faces=(*kept, FaceName(frame, x, y, speaker))))


def forget_face_name(script: Script, frame: int, x: float, y: float) -> Script:
    """Return the script without the decision whose face is at (x, y) of a frame, if there is one."""
    known = find_face_name(script, frame, x, y)
    if known is None:
        return script
    return _look_again(replace(script, faces=tuple(name for name in script.faces if name is not known)))


def find_face_name(script: Script, frame: int, x: float, y: float) -> FaceName | None:
    """Return the decision whose face is at (x, y) of a frame; None where nobody made one."""
    near = (
        name
        for name in script.faces
        if name.frame == frame and max(abs(name.x - x), abs(name.y - y)) <= _NEAR
    )
    return next(near, None)


def _look_again(script: Script) -> Script:
    # Who is seen in which line follows from whose face it is, and is looked up again.
    return script.map_lines(lambda line: line if _NAME in line.edited else replace(line, on_screen=None))
