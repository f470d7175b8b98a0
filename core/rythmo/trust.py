"""Keep what the user has allowed each project, in the user's own folder: by its path and by its content.

What Rythmo writes into a project for its user is allowed as it is written. A project that came from
elsewhere, was moved, or was changed by somebody else asks again, with `rythmo trust` or on the page.
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
from rythmo.files import output_error, shown, write_atomically
from rythmo.home import own_folder
from rythmo.script.model import Script
from rythmo.wishes import Wish, fingerprint

FILE = "trusted.json"
TIMELINE = "timeline.json"
"""The timeline that a project was made from, with the paths of its media."""

Decision = Literal["", "all", "media", "nothing"]
"""All that a project asks for; the media that it plays and no more; nothing of it; "": none yet."""

_OF_TIMELINE = f"the media named in {TIMELINE}"
_MOST = 5000
_LOCK_SECONDS = 10


class Allowed(msgspec.Struct, frozen=True):
    """What one project may do. Hashes are of what was allowed; "" allows nothing."""

    settings: str = ""
    """Of the wishes of settings.toml that count."""
    left_out: str = ""
    """Of the wishes of settings.toml that the user decided to leave out."""
    source: str = ""
    """The programme's media file outside the project, as script.json names it."""
    timeline: str = ""
    """Of timeline.json."""


class _File(msgspec.Struct):
    version: int = 1
    projects: dict[str, Allowed] = {}


NOTHING = Allowed()


def allowed(root: Path) -> Allowed:
    """What the user has allowed the project in that folder."""
    return _load().projects.get(_name(root), NOTHING)


def allow(root: Path, **changes: str) -> None:
    """Write down what the user allows, by the names of `Allowed`; other parts stay. Raises OutputError."""
    if replace(allowed(root), **changes) == allowed(root):
        return
    folder = own_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(folder / f".{FILE}.lock", timeout=_LOCK_SECONDS):
            projects = _load().projects
            entry = replace(projects.pop(_name(root), NOTHING), **changes)
            kept = dict(list(projects.items())[-_MOST:])
            data = msgspec.json.encode(_File(projects={**kept, _name(root): entry}))
            write_atomically(folder / FILE, data)
    except Timeout as error:
        raise OutputError(
            f"{shown(folder / FILE)} is being written by another Rythmo.", hint="Try it again."
        ) from error
    except OSError as error:
        raise output_error(folder / FILE, error) from error


def forget(root: Path) -> None:
    """Take back all that was allowed. Raises OutputError."""
    allow(root, settings="", left_out="", source="", timeline="")


def require_settings(root: Path, wishes: Sequence[Wish]) -> None:
    """Raise UntrustedError, which names the wishes."""
    first = "; ".join(wish.shown for wish in wishes[:3]) + ("; ..." if len(wishes) > 3 else "")
    raise UntrustedError(
        f"The settings of {root.name} ask for what only you can allow: {shown(first)}.", hint=_hint(root)
    )


def open_wishes(root: Path, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
    """The wishes of a project's settings that wait for the user's decision."""
    known, mark = allowed(root), fingerprint(wishes)
    return () if mark in (known.settings, known.left_out) else tuple(wishes)


def decide(root: Path, script: Script, wishes: Sequence[Wish], decision: Decision) -> None:
    """Keep the user's decision on all that the project asks for. Raises OutputError."""
    if decision in ("all", "media"):
        allow(root, source=script.programme.source, timeline=timeline_of(root))
    if decision == "all":
        allow(root, settings=fingerprint(wishes), left_out="")
    elif decision:
        allow(root, settings="", left_out=fingerprint(wishes))


def outside_media(root: Path, script: Script) -> tuple[str, ...]:
    """Name the media outside the project's folder that it plays and that the user has not allowed.

    Media that the user gave to any project of theirs is allowed to all: a copy asks for nothing new.
    """
    known = _load().projects.values()
    free = {one.source for one in known}
    if timeline_of(root) in {one.timeline for one in known}:
        free.add(_OF_TIMELINE)
    return tuple(media for media in media_of(root, script) if media not in free)


def media_of(root: Path, script: Script) -> tuple[str, ...]:
    """Name the media outside the project's folder that it plays, allowed or not."""
    source = script.programme.source
    outside = () if _lies_in(source, root) else (source,)
    return (*outside, _OF_TIMELINE) if timeline_of(root) else outside


def require_media(root: Path, script: Script) -> None:
    """Raise UntrustedError when the project plays media elsewhere that the user has not allowed."""
    if missing := outside_media(root, script):
        raise UntrustedError(
            f"{root.name} plays {shown(' and '.join(missing))}, which you have not allowed it.",
            hint=_hint(root),
        )


def timeline_of(root: Path) -> str:
    """Hash the timeline that the project was made from; "" where there is none."""
    with suppress(OSError):
        return hashlib.sha256((root / TIMELINE).read_bytes()).hexdigest()
    return ""


def carry_settings(root: Path, before: Sequence[Wish], after: Sequence[Wish]) -> None:
    """Allow settings that the user has just changed, if those before the change were allowed.

    Raises OutputError.
    """
    if not before or allowed(root).settings == fingerprint(before):
        allow(root, settings=fingerprint(after))


def _load() -> _File:
    """What stands in the file; one that cannot be read allows nothing."""
    with suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode((own_folder() / FILE).read_bytes(), type=_File)
    return _File()


def _name(root: Path) -> str:
    return str(root.resolve())


def _lies_in(source: str, root: Path) -> bool:
    """Whether a path lies in the project's folder, by its words: a strange one is not even looked at."""
    path = Path(source)
    return path.is_absolute() and ".." not in path.parts and root.resolve() in path.parents


def _hint(root: Path) -> str:
    return f"See what it is, and decide: rythmo trust {shown(root)}"
