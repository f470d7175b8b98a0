"""The state of a project before an edit that changes much at once, kept so that it can be brought back.

Kept are the script, the takes as they were placed, the stems, the deliveries and the report, as copies: stems
are changed in place, and whoever edits a file in an audio program must not change what was kept with it.
Takes are never overwritten, so their names are enough. The last few states are kept, newest first to go back.
"""

from __future__ import annotations

import filecmp
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rythmo.errors import OutputError, ScriptError
from rythmo.files import make_atomically, make_output_error, make_printable, write_atomically
from rythmo.project.workspace import Project
from rythmo.project_paths import path_in
from rythmo.script import store

FOLDER = "before"
_RECORD = "state.json"
_FILES = ("script.json", "timeline.json")
_TREES = ("takes", "stems", "deliver", "qc")
_KEPT = 3
_SPARE = 1 << 26


@dataclass(frozen=True, slots=True)
class KeptState:
    """A kept state. `files` are all that there were, relative to the project; `made` those that the edit
    added; `before` and `after` are digests of the script (`after` is empty until the edit is done)."""

    number: int
    files: tuple[str, ...]
    before: str
    after: str = ""
    made: tuple[str, ...] = ()


def keep_state(project: Project) -> KeptState:
    """Copy the project's present state into it. Raises OutputError, when there is no room for it too."""
    root = project.root
    files = tuple(_list_tracked_files(root))
    needed = sum((root / name).stat().st_size for name in files if not _is_take(name))
    if shutil.disk_usage(root).free < needed + _SPARE:
        raise OutputError(
            f"There is no room to keep the state of {make_printable(root)}: it takes {needed / 1e9:.1f} GB.",
            hint="Free some space and run it again; nothing was changed.",
        )
    number = max((state.number for state in list_kept_states(project)), default=0) + 1
    folder = _state_folder(project, number)
    try:
        for name in files:
            if not _is_take(name):
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, target)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise make_output_error(folder, error) from error
    state = KeptState(number, files, _hash_script(project))
    # Without its record a folder counts for nothing: a killed copy is never brought back.
    write_atomically(folder / _RECORD, store.encode_json(state))
    for old in list_kept_states(project)[_KEPT:]:
        shutil.rmtree(_state_folder(project, old.number), ignore_errors=True)
    return state


def finish_state(project: Project, state: KeptState) -> KeptState:
    """Note that the edit is done, and drop the copies of what it left alone."""
    folder, root = _state_folder(project, state.number), project.root
    if not (folder / _RECORD).is_file():
        return state
    made = tuple(sorted(set(_list_tracked_files(root)) - set(state.files)))
    done = KeptState(state.number, state.files, state.before, _hash_script(project), made)
    write_atomically(folder / _RECORD, store.encode_json(done))
    for name in state.files:
        copy, now = folder / name, root / name
        if copy.is_file() and now.is_file() and filecmp.cmp(copy, now, shallow=False):
            copy.unlink()
    return done


def list_kept_states(project: Project) -> list[KeptState]:
    """Return the states that can be brought back, newest first."""
    found = []
    for record in (project.root / FOLDER).glob(f"*/{_RECORD}"):
        try:
            found.append(store.decode_json(record.read_bytes(), KeptState))
        except (OSError, msgspec.MsgspecError):
            continue
    return sorted(found, key=lambda state: -state.number)


def can_restore(project: Project) -> bool:
    """Tell whether `restore_state` would bring something back."""
    states = list_kept_states(project)
    return bool(states) and _is_unchanged(project, states[0])


def restore_state(project: Project) -> KeptState:
    """Bring the newest kept state back, byte for byte, and forget it.

    Stopped at any moment, the next call finishes it: the script comes back last. Raises ScriptError when
    there is none, or when the project was changed after the edit; OutputError.
    """
    states = list_kept_states(project)
    if not states:
        raise ScriptError(
            f"{make_printable(project.root)} has no conform to undo.",
            hint="`rythmo conform --apply` keeps what it changes.",
        )
    state = states[0]
    if not _is_unchanged(project, state):
        raise ScriptError(
            "The project was changed after that conform; nothing was undone.",
            hint="Take back the later edits first (undo, on the page), then undo the conform.",
        )
    folder, root = _state_folder(project, state.number), project.root
    made = state.made if state.after else tuple(set(_list_tracked_files(root)) - set(state.files))
    for name in sorted(made, key=lambda each: each == "script.json"):
        path_in(root, name).unlink(missing_ok=True)
    copies = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    for name in sorted(set(copies) - {_RECORD}, key=lambda each: each == "script.json"):
        _copy_back(folder / name, path_in(root, name))
    shutil.rmtree(folder, ignore_errors=True)
    return state


def forget_state(project: Project, number: int) -> None:
    """Delete a kept state: what it was kept for was undone in another way."""
    shutil.rmtree(_state_folder(project, number), ignore_errors=True)


def _is_unchanged(project: Project, state: KeptState) -> bool:
    """Tell whether the script is as the edit, or an undo that was killed, left it.

    After a killed edit any script is accepted.
    """
    return not state.after or _hash_script(project) in (state.before, state.after)


def _copy_back(source: Path, target: Path) -> None:
    make_atomically(target, lambda temporary: shutil.copy2(source, temporary))


def _list_tracked_files(root: Path) -> Iterator[str]:
    for name in _FILES:
        if (root / name).is_file():
            yield name
    for tree in _TREES:
        for path in sorted((root / tree).rglob("*")):
            if path.is_file():
                yield path.relative_to(root).as_posix()


def _is_take(name: str) -> bool:
    """Tell whether a file is never overwritten."""
    return name.startswith("takes/") and name.count("/") == 1


def _state_folder(project: Project, number: int) -> Path:
    return project.root / FOLDER / f"{number:04}"


def _hash_script(project: Project) -> str:
    try:
        return hashlib.sha256(project.script_file.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""
