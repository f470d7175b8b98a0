"""What a running service is set up with, and the one folder that is its own."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from rythmo.user_folder import VARIABLE, find_user_folder

DEFAULT_PORT = 47800
LAST_PORT = 47809
"""Panels must name their ports in advance: the service takes the first free one of these."""
LIGHT_BODY = 1 << 20
UPLOAD_BODY = 64 << 20
"""Most bytes of a request's body: for everything, and for uploads by someone who has the token."""
BODY_SECONDS = 120.0
"""A request that has not arrived whole by then is dropped."""
STREAMS = 64
"""Event streams served at once; each has a thread of its own."""
THREADS = 16


def home() -> Path:
    """The service's own folder: RYTHMO_HOME, else the user's data folder."""
    return find_user_folder()


def projects_folder() -> Path:
    """Where dubs go that have no folder of their own: `Rythmo` beside the user's films, or `projects` in
    RYTHMO_HOME, because who names a folder wants nothing written elsewhere."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen) / "projects" if chosen else platformdirs.user_videos_path() / "Rythmo"


def _worker() -> tuple[str, ...]:
    return (sys.executable, "-m", "rythmo_plugin.service.worker")


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """`token` opens every route. `folders` are opened at the start; `panels` are origins (`scheme://host`)
    of registered host panels that may call from a page of their own. `worker` starts a working process.
    """

    home: Path
    token: str
    port: int = DEFAULT_PORT
    folders: tuple[Path, ...] = ()
    out: Path = field(default_factory=projects_folder)
    panels: tuple[str, ...] = ()
    worker: tuple[str, ...] = field(default_factory=_worker)
    remake_seconds: float = 1.0
    """A project is mixed again this long after its last edit."""
    streams: int = STREAMS
    stream_seconds: float = 15.0
    """Seconds between two signs of life on an event stream."""

    @property
    def address(self) -> str:
        """Where the service listens."""
        return f"http://127.0.0.1:{self.port}"
