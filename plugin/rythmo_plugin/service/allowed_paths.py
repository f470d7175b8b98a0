"""Restrict the service to files in folders that the user opened.

A path from a client is resolved first, links included, then compared part by part; only the resolved path is
used from then on. Suspicious paths (with a null, an NTFS stream after a colon, a network share) are refused
before any call to the file system: Windows sends the user's credentials to a network path at a mere `stat`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath
from typing import Literal

import platformdirs

from rythmo.errors import InputError
from rythmo.files import make_printable
from rythmo.project.workspace import SUFFIX
from rythmo_plugin.service import schema
from rythmo_plugin.service.api_errors import ApiError, not_found
from rythmo_plugin.service.config import ServiceSettings
from rythmo_plugin.service.database import Database

MEDIA_SUFFIXES = frozenset(
    [
        ".mp4",
        ".mov",
        ".m4v",
        ".mkv",
        ".webm",
        ".avi",
        ".mxf",
        ".mts",
        ".m2ts",
        ".ts",
        ".mpg",
        ".mpeg",
        ".wmv",
        ".flv",
        ".dv",
        ".gxf",
        ".ogv",
        ".wav",
        ".w64",
        ".aif",
        ".aiff",
        ".caf",
        ".flac",
        ".mp3",
        ".m4a",
        ".aac",
        ".ogg",
        ".opus",
        ".wma",
        ".ac3",
        ".eac3",
    ]
)
TIMELINE_SUFFIXES = frozenset([".otio", ".otioz", ".xml", ".fcpxml", ".fcpxmld", ".edl", ".aaf", ".mlt"])
SUBTITLE_SUFFIXES = frozenset([".srt", ".vtt", ".ttml", ".dfxp", ".detx", ".stl"])
Kind = Literal["folder", "media", "timeline", "project", "subtitles", "cast"]
_FILES: Mapping[str, Kind] = {
    **dict.fromkeys(MEDIA_SUFFIXES, "media"),
    **dict.fromkeys(TIMELINE_SUFFIXES, "timeline"),
    **dict.fromkeys(SUBTITLE_SUFFIXES, "subtitles"),
    ".toml": "cast",
}
_MAX_ENTRIES = 5000
_WINDOWS = os.name == "nt"


class AllowedPaths:
    """The opened folders, and checks of paths against them."""

    def __init__(self, settings: ServiceSettings, database: Database) -> None:
        self._database = database
        self._home = settings.home.resolve()
        self._own = settings.out
        for folder in settings.folders:
            self.open(str(folder))

    def folders(self) -> list[schema.Folder]:
        """Return the folders that the user opened."""
        opened = self._database.folders()
        return [schema.Folder(id=i, path=path, name=Path(path).name or path) for i, path in opened.items()]

    def open(self, path: str) -> schema.Folder:
        """Open a folder. Raises ApiError when it is not a folder, or would open a whole drive."""
        folder = _resolve_path(path)
        if not folder.is_dir():
            raise ApiError(
                422, "input", f"{make_printable(folder)} is not a folder.", hint="Choose a folder."
            )
        if folder.parent == folder or _is_inside(folder, self._home):
            raise ApiError(
                403,
                "folder",
                f"{make_printable(folder)} cannot be opened.",
                hint="Choose the folder with your media.",
            )
        known = folder_id(folder)
        self._database.add_folder(known, str(folder))
        return schema.Folder(id=known, path=str(folder), name=folder.name)

    def close(self, folder: str) -> None:
        """Close a folder. Its files stay. Raises ApiError (404) when it is not open."""
        if not self._database.remove_folder(folder):
            raise not_found("folder", folder)

    def out(self) -> Path:
        """Return the default folder for dubs, creating it if necessary."""
        self._own.mkdir(parents=True, exist_ok=True)
        return self._own.resolve()

    def inside(self, path: str) -> Path:
        """Return the resolved path if it lies in an opened folder. Raises ApiError (403)."""
        found = _resolve_path(path)
        if _is_inside(found, self._home) or not any(_is_inside(found, root) for root in self.roots()):
            raise ApiError(
                403,
                "folder",
                f"{make_printable(found)} is not in an opened folder.",
                hint="Open its folder first.",
            )
        return found

    def file(self, path: str) -> Path:
        """Return the resolved path of an existing file in an opened folder. Raises ApiError, InputError."""
        found = self.inside(path)
        if not found.is_file():
            raise InputError(f"{make_printable(found)} does not exist.", hint="Choose the file again.")
        return found

    def browse(self, path: str | None) -> schema.Listing:
        """List what Rythmo can use in a folder; without a path, list the folders to start from."""
        if path is None:
            return schema.Listing(path=None, parent=None, entries=self._beginnings())
        folder = self.inside(path)
        if not folder.is_dir():
            raise InputError(f"{make_printable(folder)} is not a folder.", hint="Choose a folder.")
        try:
            with os.scandir(folder) as inside:
                found = [entry for item in inside if (entry := _make_entry(Path(item.path))) is not None]
        except OSError as error:
            raise InputError(f"{make_printable(folder)} cannot be read: {error.strerror}.") from error
        found.sort(key=lambda entry: (entry.kind != "folder", entry.name.casefold()))
        parent = folder.parent
        up = any(_is_inside(parent, root) for root in self.roots())
        return schema.Listing(
            path=str(folder), parent=str(parent) if up else None, entries=found[:_MAX_ENTRIES]
        )

    def roots(self) -> list[Path]:
        """Return the opened folders and the folder for dubs."""
        return [*(Path(path) for path in self._database.folders().values()), self._own.resolve()]

    def _beginnings(self) -> list[schema.Entry]:
        opened = [
            schema.Entry(name=folder.name, path=folder.path, kind="folder")
            for folder in self.folders()
            if Path(folder.path).is_dir()
        ]
        known = {entry.path for entry in opened}
        usual = (
            platformdirs.user_videos_path(),
            platformdirs.user_documents_path(),
            platformdirs.user_downloads_path(),
            Path.home(),
        )
        return opened + [
            schema.Entry(name=path.name, path=str(path), kind="folder", candidate=True)
            for path in dict.fromkeys(usual)
            if path.is_dir() and str(path) not in known and path.parent != path
        ]


def folder_id(folder: Path) -> str:
    """Return a folder's id, which is made from its path."""
    return hashlib.sha256(str(folder).encode()).hexdigest()[:16]


def resolve_within(root: Path, relative: str) -> Path:
    """Return the resolved path of a name below `root`. Raises ApiError (404) if it leads out of `root`."""
    wrong = ApiError(404, "not-found", "There is no such file.")
    if not relative or _has_odd_characters(relative) or "\\" in relative or ":" in relative:
        raise wrong
    if any(part in ("", ".", "..") for part in relative.split("/")):
        raise wrong
    base = root.resolve()
    try:
        found = (base / relative).resolve()
    except (OSError, RuntimeError) as error:
        raise wrong from error
    if not _is_inside(found, base):
        raise wrong
    return found


def clean_upload_name(name: str) -> str:
    """Return a safe file name for an upload: the last part of `name` without reserved characters."""
    last = PureWindowsPath(name.replace("/", "\\")).name
    kept = "".join(c for c in last if c.isprintable() and c not in '<>:"/\\|?*').strip(" .")
    if not kept:
        raise ApiError(400, "name", "The file needs a name.", hint="Give ?name=FILE.")
    stem, dot, suffix = kept.rpartition(".")
    return f"{stem[:80]}.{suffix[:12]}" if dot and stem else kept[:80]


def _resolve_path(path: str) -> Path:
    """Resolve a path to an absolute one without links. Raises ApiError (403) for a suspicious path."""
    strange = ApiError(403, "path", "This is not a path that can be used.", hint="Choose the file again.")
    if not path or _has_odd_characters(path):
        raise strange
    windows = PureWindowsPath(path)
    if path.startswith(("\\\\", "//")) or "::" in path:
        raise strange
    if _WINDOWS:
        if ":" in path[len(windows.drive) :] or not windows.is_absolute():
            raise strange
    elif windows.drive or not path.startswith("/"):
        raise strange
    try:
        return Path(path).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise strange from error


def _has_odd_characters(path: str) -> bool:
    if any(ord(c) < 32 or ord(c) == 127 for c in path):
        return True
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return True
    return False


def _is_inside(path: Path, root: Path) -> bool:
    return path == root or root in path.parents


def _make_entry(path: Path) -> schema.Entry | None:
    if path.name.startswith("."):
        return None
    try:
        kind = _path_kind(path)
        if kind is None:
            return None
        size = path.stat().st_size if path.is_file() else 0
    except OSError:
        return None
    return schema.Entry(name=path.name, path=str(path), kind=kind, size=size)


def _path_kind(path: Path) -> Kind | None:
    suffix = path.suffix.lower()
    if path.is_dir():
        if suffix == SUFFIX:
            return "project"
        return "timeline" if suffix == ".fcpxmld" else "folder"
    return _FILES.get(suffix)
