"""`service.json`: how the page and the plug-ins find the service, and the token; for this user alone."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

import msgspec

from rythmo.version import __version__
from rythmo_plugin.service.config import ServiceSettings

NAME = "service.json"


class Announcement(msgspec.Struct, frozen=True):
    """What the file says."""

    address: str
    token: str
    pid: int
    version: str


def new_token() -> str:
    """256 random bits; a new one at each start, so that an old one opens nothing."""
    return secrets.token_urlsafe(32)


def make_private_folder(folder: Path) -> Path:
    """The folder, made if need be, that nobody but this user may look into."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def write_service_file(settings: ServiceSettings) -> Path:
    """Write the file, readable by its owner alone from its first byte, whole or not at all."""
    path = make_private_folder(settings.home) / NAME
    said = Announcement(settings.address, settings.token, os.getpid(), __version__)
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(json.dumps(msgspec.to_builtins(said), indent=1).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    return path


def read_service_file(folder: Path) -> Announcement | None:
    """What the last service to start said; it may be gone by now."""
    try:
        return msgspec.json.decode((folder / NAME).read_bytes(), type=Announcement)
    except (OSError, msgspec.MsgspecError):
        return None


def remove_service_file(settings: ServiceSettings) -> None:
    """Take the file away, if it is still this service's own."""
    said = read_service_file(settings.home)
    if said is not None and said.token == settings.token:
        (settings.home / NAME).unlink(missing_ok=True)
