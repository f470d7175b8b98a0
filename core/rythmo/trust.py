"""Keep each project's permissions in the user's own folder.

They are kept by the project's path and by hashes of what was allowed. What Rythmo writes into a project for
its user is allowed at once. A project that came from elsewhere, was moved, or was changed by somebody else
needs permission again, given by `rythmo trust` or on the page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec
from filelock import FileLock, Timeout
from msgspec.structs import replace

from rythmo.errors import OutputError, UntrustedError
from rythmo.files import make_output_error, make_printable, write_atomically
from rythmo.project_paths import find_home
from rythmo.script.model import Script
from rythmo.settings_policy import RestrictedSetting, hash_restricted
from rythmo.user_folder import find_user_folder

FILE = "trusted.json"
TIMELINE = "timeline.json"
"""The timeline that a project was made from, with the paths of its media."""

Decision = Literal["", "all", "media", "nothing"]
"""Allow everything the project needs, only the media it plays, or nothing. "" is no decision yet."""

_OF_TIMELINE = f"the media named in {TIMELINE}"
_MOST = 5000
_LOCK_SECONDS = 10


class Permissions(msgspec.Struct, frozen=True):
    """What one project may do, mostly as hashes of what was allowed; "" allows nothing."""

    settings: str = ""
    """Hash of the restricted settings in settings.toml that the user allowed."""
    left_out: str = ""
    """Hash of the restricted settings in settings.toml that the user chose to ignore."""
    source: str = ""
    """The programme's media file outside the project, as script.json names it."""
    timeline: str = ""
    """Hash of timeline.json."""


class _File(msgspec.Struct):
    version: int = 1
    projects: dict[str, Permissions] = {}


NOTHING = Permissions()


def read_permissions(root: Path) -> Permissions:
    """Return what the user has allowed the project in the folder `root`."""
    return _load_permissions().projects.get(_make_project_key(root), NOTHING)


def save_permissions(root: Path, **changes: str) -> None:
    """Save the permissions named by the fields of `Permissions`; the others stay. Raises OutputError."""
    if replace(read_permissions(root), **changes) == read_permissions(root):
        return
    folder = find_user_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(folder / f".{FILE}.lock", timeout=_LOCK_SECONDS):
            projects = _load_permissions().projects
            entry = replace(projects.pop(_make_project_key(root), NOTHING), **changes)
            kept = dict(list(projects.items())[-_MOST:])
            data = msgspec.json.encode(_File(projects={**kept, _make_project_key(root): entry}))
            write_atomically(folder / FILE, data)
    except Timeout as error:
        raise OutputError(
            f"{make_printable(folder / FILE)} is being written by another Rythmo process.", hint="Try again."
        ) from error
    except OSError as error:
        raise make_output_error(folder / FILE, error) from error


def revoke_permissions(root: Path) -> None:
    """Revoke all permissions of the project. Raises OutputError."""
    save_permissions(root, settings="", left_out="", source="", timeline="")


def refuse_settings(root: Path, restricted: Sequence[RestrictedSetting]) -> None:
    """Raise UntrustedError, which names the first three restricted settings."""
    first = "; ".join(entry.summary for entry in restricted[:3]) + ("; ..." if len(restricted) > 3 else "")
    raise UntrustedError(
        f"The settings of {root.name} need your permission: {make_printable(first)}.", hint=_make_hint(root)
    )


def find_undecided_settings(
    root: Path, restricted: Sequence[RestrictedSetting]
) -> tuple[RestrictedSetting, ...]:
    """Return the restricted settings, or none when the user has decided on exactly these."""
    known, mark = read_permissions(root), hash_restricted(restricted)
    return () if mark in (known.settings, known.left_out) else tuple(restricted)


def save_decision(
    root: Path, script: Script, restricted: Sequence[RestrictedSetting], decision: Decision
) -> None:
    """Save the user's decision on everything the project needs. Raises OutputError."""
    if decision in ("all", "media"):
        save_permissions(root, source=script.programme.source, timeline=hash_timeline(root))
    if decision == "all":
        save_permissions(root, settings=hash_restricted(restricted), left_out="")
    elif decision:
        save_permissions(root, settings="", left_out=hash_restricted(restricted))


def find_unapproved_media(root: Path, script: Script) -> tuple[str, ...]:
    """Name the media outside the project's folder that it plays and the user has not allowed.

    Media that the user allowed any project is allowed for all, so that a copy of a project needs nothing new.
    """
    known = _load_permissions().projects.values()
    free = {permissions.source for permissions in known}
    if hash_timeline(root) in {permissions.timeline for permissions in known}:
        free.add(_OF_TIMELINE)
    return tuple(media for media in find_outside_media(root, script) if media not in free)


def find_outside_media(root: Path, script: Script) -> tuple[str, ...]:
    """Name the media outside the project's folder that the project plays, allowed or not."""
    source = script.programme.source
    outside = () if _lies_in(source, root) else (source,)
    return (*outside, _OF_TIMELINE) if hash_timeline(root) else outside


def require_media(root: Path, script: Script) -> None:
    """Raise UntrustedError when the project plays media outside its folder that the user has not allowed."""
    if missing := find_unapproved_media(root, script):
        raise UntrustedError(
            f"{root.name} plays {make_printable(' and '.join(missing))}, which you have not allowed.",
            hint=_make_hint(root),
        )


def hash_timeline(root: Path) -> str:
    """Hash the timeline that the project was made from; "" when there is none."""
    with suppress(OSError):
        return hashlib.sha256((find_home(root) / TIMELINE).read_bytes()).hexdigest()
    return ""


def carry_settings(
    root: Path, before: Sequence[RestrictedSetting], after: Sequence[RestrictedSetting]
) -> None:
    """Allow settings that the user has just changed, provided those before the change were allowed.

    Raises OutputError.
    """
    if not before or read_permissions(root).settings == hash_restricted(before):
        save_permissions(root, settings=hash_restricted(after))


def _load_permissions() -> _File:
    """Read the permissions; a file that cannot be read allows nothing."""
    with suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode((find_user_folder() / FILE).read_bytes(), type=_File)
    return _File()


def _make_project_key(root: Path) -> str:
    return str(root.resolve())


def _lies_in(source: str, root: Path) -> bool:
    """Tell whether a path lies in the project's folder, without touching the file system."""
    path = Path(source)
    return path.is_absolute() and ".." not in path.parts and find_home(root).resolve() in path.parents


def _make_hint(root: Path) -> str:
    return f"Review it and decide: rythmo trust {make_printable(root)}"
