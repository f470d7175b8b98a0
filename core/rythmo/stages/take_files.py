"""Put takes into their places, and put back those that are missing, damaged or changed.

The cache holds each recording once more. A take that was changed outside Rythmo may be somebody's work: it is
kept beside the takes, never overwritten.
"""

from __future__ import annotations

from pathlib import Path

from rythmo.errors import MediaError
from rythmo.files import make_output_error, make_printable
from rythmo.project.wave_check import is_whole_wave
from rythmo.project.workspace import place_file
from rythmo.script.checks import is_id
from rythmo.script.model import Flag, Line, Script, Severity
from rythmo.script.takes import Take
from rythmo.stages.context import Context

TAKE_CHANGED = "take-changed"
CHANGED = "takes/changed"
"""Where the changed files are kept, relative to the project."""


def put_take(recording: Path, take: Take, context: Context) -> tuple[Flag, ...]:
    """Copy the recording to the take's place, unless it is there. Returns a flag for a take that had been
    changed."""
    path = context.project.file(take.file)
    if context.sounds.holds(path):
        return ()
    flags = _set_aside(path, context)
    place_file(recording, path)
    context.sounds.record(path)
    return flags


def restore_takes(script: Script, context: Context) -> Script:
    """Return the script with the chosen take of each placed line in its place, as it was recorded.

    Raises MediaError for a take that the cache does not hold any more.
    """
    return script.map_lines(lambda line: _restored(line, context))


def _restored(line: Line, context: Context) -> Line:
    take = line.take
    if take is None or line.placement is None or context.sounds.holds(context.project.file(take.file)):
        return line
    if not (take.key and is_id(take.key) and context.artefacts.has_sound("voice", take.key)):
        raise MediaError(
            f"{make_printable(take.file)} is missing, damaged or changed, "
            "and the cache does not hold it any more.",
            hint=f"Record the line again: rythmo line {make_printable(context.project.root)} LINE --again",
        )
    return line.add_flags(*put_take(context.artefacts.path("voice", take.key, ".wav"), take, context))


def _set_aside(path: Path, context: Context) -> tuple[Flag, ...]:
    """Keep a changed file, when it is sound still, under the next free name."""
    if not is_whole_wave(path):
        return ()
    folder = context.project.file(CHANGED)
    number = 1
    while (target := folder / f"{path.stem}-{number}{path.suffix}").exists():
        number += 1
    try:
        folder.mkdir(exist_ok=True)
        path.rename(target)
    except OSError as error:
        raise make_output_error(target, error) from error
    message = (
        f"{path.name} was changed or damaged outside Rythmo. The recording was put back; "
        f"the other file is {CHANGED}/{target.name}."
    )
    return (Flag(TAKE_CHANGED, message, Severity.WARNING),)
