"""Write and read `service.json`, in which plug-ins find the service's address and token.

Only its owner can read it.
"""

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
    """The content of `service.json`."""

    address: str
    token: str
    pid: int
    version: str


def new_token() -> str:
    """Return a token of 256 random bits. Each start makes a new one, so an old one is useless."""
    return secrets.token_urlsafe(32)


def make_private_folder(folder: Path) -> Path:
    """Create the folder if necessary, and let only its owner access it."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def write_service_file(settings: ServiceSettings) -> Path:
    """Write the file atomically. It is never readable by anyone but its owner."""
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
    """Return what the last service to start wrote, or None. That service may have ended."""
    try:
        return msgspec.json.decode((folder / NAME).read_bytes(), type=Announcement)
    except (OSError, msgspec.MsgspecError):
        return None


def remove_service_file(settings: ServiceSettings) -> None:
    """Delete the file, if it is still this service's own."""
    said = read_service_file(settings.home)
    if said is not None and said.token == settings.token:
        (settings.home / NAME).unlink(missing_ok=True)
