"""Import human takes: pair recorded files with lines, show what would happen, then take them.

Comparing reads every file and keeps its sound in the project's cache; the script is not touched. What can be
taken is taken in one edit, which can be undone.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rythmo.errors import InputError, MediaError, ScriptError
from rythmo.executors import start_workers
from rythmo.files import make_printable
from rythmo.progress import NEVER, CancelToken
from rythmo.project.workspace import Project
from rythmo.script.human_takes import add_human_take
from rythmo.script.model import Line, Script
from rythmo.script.take_names import find_named_line, sort_key
from rythmo.script.takes import Take, TakeLayout
from rythmo.stages.recorded_takes import Recording, find_take, put_recording, read_recording
from rythmo.timebase import time_reference

RECORDED = "recorded"
"""The id of a row that is no file of an import, but was recorded on the page."""
LOCKED, UNREADABLE, TOO_LONG, TWICE = "locked", "unreadable", "too-long", "same-file"
_THREADS = 4
# As for every take: a sound of so many times its line's length, and so many seconds more, is another sound.
_TIMES, _SECONDS = 5, 3
# A recording may begin or end so far from its line and be recorded against its picture still.
_NEAR_SECONDS = 5


@dataclass(frozen=True, slots=True)
class TakeRow:
    """A recorded file with the line that it is a take of, or the reason why it is not taken.

    `id` names the row in a decision. `position` is where the recording's first sample lies in the programme,
    in samples, where the file says so. `known` is the take that the line has of the same recording.
    """

    id: str
    name: str
    line: str = ""
    code: str = ""
    refusal: str = ""
    recording: Recording | None = None
    position: int | None = None
    known: str = ""
    notes: tuple[str, ...] = ()

    @property
    def can_be_taken(self) -> bool:
        """Whether it has a line, and is speech."""
        return not self.refusal and self.recording is not None


@dataclass(frozen=True, slots=True)
class TakeImport:
    """Recorded files as they were read and paired, in order of name."""

    rows: tuple[TakeRow, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many files can be taken, are there already, and are refused; and how many lines they are of."""
        fresh = [row for row in self.rows if row.can_be_taken and not row.known]
        return {
            "takes": len(fresh),
            "lines": len({row.line for row in fresh}),
            "known": sum(row.can_be_taken and bool(row.known) for row in self.rows),
            "refused": sum(bool(row.refusal) for row in self.rows),
        }


def compare_takes(
    files: Sequence[Path],
    script: Script,
    project: Project,
    *,
    lines: Mapping[str, str] | None = None,
    cancel: CancelToken = NEVER,
) -> TakeImport:
    """Pair recorded files with the lines that their names hold. Nothing but the cache is written.

    `lines` says which line a file is of, by the file's name, where a person said so. Raises OutputError.
    """
    ordered = sorted(files, key=lambda path: sort_key(path.name))
    given = lines or {}
    with start_workers(min(_THREADS, os.cpu_count() or 1), cancel) as workers:
        rows = workers.run_all(
            lambda entry: read_row(
                f"f{entry[0]}", entry[1], script, project, line=given.get(entry[1].name, ""), cancel=cancel
            ),
            list(enumerate(ordered, 1)),
        )
    return TakeImport(tuple(_refuse_twins(rows)))


def read_row(
    row_id: str,
    path: Path,
    script: Script,
    project: Project,
    *,
    line: str = "",
    position: int | None = None,
    cancel: CancelToken = NEVER,
) -> TakeRow:
    """Read one recorded file and pair it with `line`, or with the line that its name holds.

    `position` is where its first sample lies in the programme, where that is known without the file.
    Raises ScriptError for a `line` that does not exist, OutputError.
    """
    row = replace(_pair(TakeRow(row_id, path.name), script, line), position=position)
    try:
        recording = read_recording(path, project, cancel=cancel)
    except InputError as error:
        said = f"{_without_path(error.message, path)} {error.hint}".strip()
        return row if row.refusal else replace(row, code=UNREADABLE, refusal=said)
    row = replace(row, recording=recording, notes=tuple(flag.message for flag in recording.flags))
    return row if row.refusal else _judge(row, recording, script)


def _without_path(message: str, path: Path) -> str:
    """Return the message of a file's error as a sentence beside its name."""
    rest = message.removeprefix(make_printable(path))
    if rest == message:
        return message
    rest = rest.removeprefix(":").strip()
    return f"{rest[:1].upper()}{rest[1:]}" if message.startswith(f"{make_printable(path)}:") else f"It {rest}"


def _pair(row: TakeRow, script: Script, line: str) -> TakeRow:
    if line:
        return replace(row, line=script.line(line).id)
    found = find_named_line(row.name, script)
    if found.fault is not None:
        return replace(row, code=found.fault.value, refusal=found.message)
    return replace(row, line=found.line)


def _judge(row: TakeRow, recording: Recording, script: Script) -> TakeRow:
    line = script.line(row.line)
    if line.locked:
        return replace(row, code=LOCKED, refusal=f"Line {line.id} is locked. Unlock it first.")
    rate = script.programme.sample_rate
    spoken = recording.speech[1] - recording.speech[0]
    if spoken > _TIMES * line.length + _SECONDS * rate:
        message = f"It speaks for {spoken / rate:.1f} s; the line lasts {line.length / rate:.1f} s."
        return replace(row, code=TOO_LONG, refusal=message)
    row, known = _find_position(row, recording, line, script), find_take(line, recording)
    notes = (*row.notes, f"The line has it already, as {known.id}.") if known else row.notes
    return replace(row, known=known.id if known else "", notes=notes)


def _find_position(row: TakeRow, recording: Recording, line: Line, script: Script) -> TakeRow:
    if recording.reference is None or row.position is not None:
        return row
    programme = script.programme
    origin = time_reference(programme.start_frame, programme.rate, programme.sample_rate)
    position = recording.reference - origin
    near = _NEAR_SECONDS * programme.sample_rate
    start, end = position + recording.speech[0], position + recording.speech[1]
    if start > line.end + near or end < line.start - near:
        if recording.reference == 0:
            return row  # Many programs write a time reference of 0 and mean none.
        return replace(row, notes=(*row.notes, "Its time reference lies elsewhere; it is not used."))
    return replace(row, position=position)


def _refuse_twins(rows: Sequence[TakeRow]) -> list[TakeRow]:
    """Refuse a file with the same content as another one of the same line."""
    seen: dict[tuple[str, str], str] = {}

    def refuse(row: TakeRow) -> TakeRow:
        if not row.can_be_taken or row.recording is None:
            return row
        first = seen.setdefault((row.line, row.recording.key), row.name)
        same = f"It is the same recording as {first}."
        return row if first == row.name else replace(row, code=TWICE, refusal=same)

    return [refuse(row) for row in rows]


def apply_take_import(
    script: Script,
    found: TakeImport,
    project: Project,
    *,
    rows: Collection[str] | None = None,
    choose: bool = True,
    layout: TakeLayout | None = None,
) -> Script:
    """Return the script with the files as takes of their lines; the last file of a line is chosen.

    The takes' files are written before the script is. `rows` are the ids of those that are wanted; None means
    all that can be taken. `choose` False leaves the chosen takes as they are. Raises ScriptError for a line
    that is gone meanwhile, LockedLineError, OutputError.
    """
    wanted = [row for row in found.rows if row.can_be_taken and (rows is None or row.id in rows)]
    for row in wanted:
        script, _ = take_recording(script, row.line, row, project, choose=choose, layout=layout)
    return script


def take_recording(
    script: Script,
    line_id: str,
    row: TakeRow,
    project: Project,
    *,
    choose: bool = True,
    layout: TakeLayout | None = None,
) -> tuple[Script, Take]:
    """Return the script with the row's recording as a take of the line, and the take."""
    if row.recording is None:
        raise ScriptError(f"{row.name} is no recording.", hint=row.refusal)
    line = script.line(line_id)
    offset = None if row.position is None else row.position - line.start
    take = put_recording(line, row.recording, project, source=row.name, offset=offset)
    if layout is TakeLayout.RECORDED and take.offset is None:
        layout = TakeLayout.START
    return add_human_take(script, line_id, take, choose=choose, layout=layout), take


def find_files(words: Sequence[str]) -> list[Path]:
    """Return the files that the words mean: paths, patterns (`takes/S1_*.wav`), and all files of folders.

    Raises MediaError for a word that means nothing.
    """
    found: list[Path] = []
    for word in words:
        path = Path(word)
        if path.is_dir():
            some = [file for file in path.iterdir() if file.is_file() and not file.name.startswith(".")]
        elif path.is_file() or not any(sign in path.name for sign in "*?["):
            some = [path]
        else:
            some = [file for file in path.parent.glob(path.name) if file.is_file()]
        if not some or not some[0].is_file():
            raise MediaError(f"There is no file {make_printable(word)}.", hint="Check the name.")
        found += some
    return list(dict.fromkeys(found))
