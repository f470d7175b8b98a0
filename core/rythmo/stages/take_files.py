"""Put takes into their places, and put back those that are missing, damaged or changed.

The cache holds each recording once more. A take that was changed outside Rythmo may be somebody's work: it is
kept beside the takes, never overwritten.
"""

from __future__ import annotations

from pathlib import Path

from rythmo.errors import MediaError
from rythmo.files import make_output_error, make_printable
from rythmo.project.wave_check import is_whole_wave
from rythmo.project.workspace import Project, place_file
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


def free_take_name(line: Line, recording: Path, project: Project) -> tuple[str, str]:
    """Return the next free take id of the line and the name of its file in the project.

    A file left there by a killed run is used if it is the same recording, else its number is skipped.
    """
    number = len(line.takes) + 1
    given = {take.id for take in line.takes}
    while True:
        take_id = f"t{number:02}"
        name = f"takes/{line.id}_{take_id}.wav"
        there = project.file(name)
        is_free = not there.is_file() or there.read_bytes() == recording.read_bytes()
        if is_free and take_id not in given:
            return take_id, name
        number += 1


def restore_takes(script: Script, context: Context) -> Script:
    """Return the script with the chosen take of each placed line in its place, as it was recorded.

    Raises MediaError for a take that the cache does not hold any more.
    """
    return script.map_lines(lambda line: _restored(line, context))


def _restored(line: Line, context: Context) -> Line:
    take = line.take
    return line if take is None or line.placement is None else restore_take(line, take, context)


def restore_take(line: Line, take: Take, context: Context) -> Line:
    """Return the line with the file of one of its takes in its place, flagged where that had been changed.

    Raises MediaError for a take that the cache does not hold any more.
    """
    if context.sounds.holds(context.project.file(take.file)):
        return line
    if not (take.key and is_id(take.key) and context.artefacts.has_sound("voice", take.key)):
        raise MediaError(
            f"{make_printable(take.file)} is missing, damaged or changed, "
            "and the cache does not hold it any more.",
            hint="Import the take again, or choose another one."
            if take.human
            else f"Record the line again: rythmo line {make_printable(context.project.root)} LINE --again",
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
