"""Settings of a running service, and the folder that belongs to it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from rythmo.user_folder import VARIABLE, find_user_folder

DEFAULT_PORT = 47800
LAST_PORT = 47809
"""The service takes the first free port of this range: a panel's manifest must list its ports in advance."""
MAX_BODY_BYTES = 1 << 20
MAX_UPLOAD_BYTES = 64 << 20
"""The largest body of a request in bytes: in general, and for an upload with a valid token."""
BODY_SECONDS = 120.0
"""A request that takes longer to arrive is dropped."""
MAX_STREAMS = 64
"""Event streams served at the same time; each has its own thread."""
THREADS = 16


def service_home() -> Path:
    """Return the service's own folder: RYTHMO_HOME, else Rythmo's folder in the user's data folder."""
    return find_user_folder()


def projects_folder() -> Path:
    """Return the default folder for dubs: `Rythmo` in the user's video folder.

    With RYTHMO_HOME set it is `projects` in that folder, so that nothing is written elsewhere.
    """
    chosen = os.environ.get(VARIABLE)
    return Path(chosen) / "projects" if chosen else platformdirs.user_videos_path() / "Rythmo"


def _worker_command() -> tuple[str, ...]:
    # -P: Python files in the folder that the service was started in are not modules.
    return (sys.executable, "-P", "-m", "rythmo_plugin.service.worker")


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Settings of one run of the service.

    `token` gives access to every route. `folders` are opened at the start. `panels` are the origins
    (`scheme://host`) of host panels that may call the API. `worker` is the command that starts a worker.
    """

    home: Path
    token: str
    port: int = DEFAULT_PORT
    folders: tuple[Path, ...] = ()
    out: Path = field(default_factory=projects_folder)
    panels: tuple[str, ...] = ()
    worker: tuple[str, ...] = field(default_factory=_worker_command)
    remake_seconds: float = 1.0
    """Seconds from the last edit of a project until it is mixed again."""
    streams: int = MAX_STREAMS
    stream_seconds: float = 15.0
    """Seconds between two keep-alive comments on an event stream."""

    @property
    def address(self) -> str:
        """The service's URL, without a path."""
        return f"http://127.0.0.1:{self.port}"
