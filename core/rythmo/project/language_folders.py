"""The languages of one programme, each in a folder of its own inside the project.

The first language lies in the project's folder itself, where a project of one language has always had it. A
further one lies in `languages/<language>/` with its own script, takes, stems, deliveries and report. The
lock, the cache and the sums of costs and work are the project's, once for all languages.

Nothing but the scripts says which original is the newest (`Script.original`). So every correction is saved by
writing one file, and no crash can leave two files that contradict each other.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from rythmo.errors import OutputError, ScriptError
from rythmo.project_paths import LANGUAGES, find_home
from rythmo.script import store
from rythmo.script.model import Script
from rythmo.script.shared_original import claim_corrections, extract_original

SCRIPT = "script.json"
_log = logging.getLogger("rythmo")
_Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class LanguageFolder:
    """A language of a project: its folder, the revision of its original, and when its script was written
    (Unix time in nanoseconds)."""

    root: Path
    language: str
    original: int
    changed: int

    @property
    def is_first(self) -> bool:
        """Tell whether it is the language that lies in the project's folder itself."""
        return find_home(self.root) == self.root


def list_language_folders(root: Path) -> tuple[LanguageFolder, ...]:
    """Return the languages of the project that `root` belongs to, the first one first, then by name.

    A language whose script cannot be read is left out and logged.
    """
    found = (_read_folder(folder) for folder in _list_folders(root))
    return tuple(folder for folder in found if folder is not None)


def list_other_languages(root: Path) -> tuple[LanguageFolder, ...]:
    """Return what `list_language_folders` returns without `root` itself, whose script is not read."""
    found = (_read_folder(folder) for folder in _list_folders(root) if folder != root)
    return tuple(folder for folder in found if folder is not None)


def _list_folders(root: Path) -> list[Path]:
    home = find_home(root)
    try:
        further = sorted(entry for entry in (home / LANGUAGES).iterdir() if entry.is_dir())
    except OSError:
        further = []
    return [home, *further]


def further_root(home: Path, language: str) -> Path:
    """Return the folder of a further language of the project."""
    return home / LANGUAGES / language


def load_newest_original(root: Path, own: Script) -> Script | None:
    """Return the script of another language that has a newer original than `own`; None if there is none."""
    newest = max(list_other_languages(root), key=lambda folder: folder.original, default=None)
    if newest is None or newest.original <= own.original:
        return None
    return _load(newest.root)


def stamp_original(root: Path, script: Script) -> Script:
    """Return the script with the revision of its original: a new one if it corrects the newest original.

    Raises OutputError if another language was corrected after the script was loaded.
    """
    if not list_other_languages(root):
        return script
    folders = list_language_folders(root)
    newest = max(folders, key=lambda folder: folder.original)
    if newest.original > script.original:
        raise OutputError(
            f"Meanwhile the original was corrected in another language ({newest.language}).",
            hint="Nothing was saved. Run it again: it starts from that correction.",
        )
    last = _load(newest.root)
    if extract_original(last) == extract_original(script):
        return script
    return replace(claim_corrections(script, last), original=newest.original + 1)


def _load(root: Path) -> Script:
    path = root / SCRIPT
    return _load_stamped(path, _stamp(path))


@lru_cache(maxsize=4)
def _load_stamped(path: Path, _stamp: _Stamp) -> Script:
    return store.load_script(path)


def _read_folder(root: Path) -> LanguageFolder | None:
    path = root / SCRIPT
    try:
        stamp = _stamp(path)
        head = _read_head(path, stamp)
    except FileNotFoundError:
        return None
    except (OSError, ScriptError) as error:
        _log.warning("%s is left out of the project's languages: %s", root, error)
        return None
    return LanguageFolder(root, head.target_language, head.original, stamp[0])


@lru_cache(maxsize=64)
def _read_head(path: Path, _stamp: _Stamp) -> store.ScriptHead:
    return store.read_head(path)


def _stamp(path: Path) -> _Stamp:
    facts = path.stat()
    return facts.st_mtime_ns, facts.st_size, facts.st_ino
