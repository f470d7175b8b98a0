"""The ledger of voices made at services: each is made once for a speaker and a job, and none is forgotten.

The ledger is written before a voice is requested, and again when its id is known. Even after a crash it lists
what may still exist at the service, and under which name to search for it. Rythmo identifies a clone by the
fingerprint of its reference; the service's id appears only here. That keeps the cache keys of takes stable
when a voice is deleted after a job and made again for the next.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rythmo.engines import registry
from rythmo.engines.base import Kind
from rythmo.engines.local.data_dirs import state_folder
from rythmo.engines.remote.reference import fingerprint
from rythmo.errors import EngineFailedError, RythmoError
from rythmo.files import write_atomically

PREFIX = "clone-"
"""The prefix of a clone's id in a VoiceRef; the rest is the fingerprint of its reference."""

_log = logging.getLogger(__name__)
_TABLE = """
create table if not exists voices (
  engine text not null, server text not null, job text not null, reference text not null,
  name text not null, id text not null default '',
  primary key (engine, server, job, reference))
"""


@dataclass(frozen=True, slots=True)
class RemoteVoice:
    """A voice that exists at a service, or may exist (an empty `id`: the service never returned one)."""

    engine: str
    server: str
    job: str
    reference: str
    name: str
    id: str = ""


class Ledger:
    """The list of remote voices, in one SQLite file that survives kill -9 and power loss."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or state_folder() / "voices.db"

    def find(self, engine: str, server: str, job: str, reference: str) -> RemoteVoice | None:
        """Return that voice if it was ever requested, else None."""
        where = "engine = ? and server = ? and job = ? and reference = ?"
        return next(iter(self._select(where, (engine, server, job, reference))), None)

    def live(self, engine: str = "", server: str = "", job: str | None = None) -> tuple[RemoteVoice, ...]:
        """Return all voices that may exist, or those of an engine, a server and a job."""
        where = "(? = '' or engine = ?) and (? = '' or server = ?) and (? is null or job = ?)"
        return self._select(where, (engine, engine, server, server, job, job))

    def write(self, voice: RemoteVoice) -> None:
        """Add the voice, or replace its entry."""
        values = (voice.engine, voice.server, voice.job, voice.reference, voice.name, voice.id)
        with self._open() as base:
            base.execute("insert or replace into voices values (?, ?, ?, ?, ?, ?)", values)

    def forget(self, voice: RemoteVoice) -> None:
        """Remove the voice, which no longer exists at the service."""
        with self._open() as base:
            base.execute(
                "delete from voices where engine = ? and server = ? and job = ? and reference = ?",
                (voice.engine, voice.server, voice.job, voice.reference),
            )

    def _select(self, where: str, values: tuple[Any, ...]) -> tuple[RemoteVoice, ...]:
        if not self.path.exists():
            return ()
        with self._open() as base:
            rows = base.execute(f"select * from voices where {where} order by name", values).fetchall()  # noqa: S608 - the text is from this file
        return tuple(RemoteVoice(*row) for row in rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=30)) as base, base:
            base.execute("pragma synchronous = full")
            base.execute(_TABLE)
            yield base


@dataclass
class CloneBook:
    """The clones of one job at one service. Each is made once and deleted at the end of the job."""

    engine: str
    server: str
    ledger: Ledger
    job: str = ""
    folder: Path | None = None
    """The folder of references, from which another process can make a clone again; None: only in memory."""
    keep: bool = False
    """Whether clones are kept when the job ends, for the next job of the same name."""

    _references: dict[str, bytes] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, reference: bytes) -> str:
        """Store a reference (a WAV) and return the id for its VoiceRef. Nothing is sent."""
        name = fingerprint(reference)
        self._references[name] = reference
        if self.folder is not None and not (self.folder / f"{name}.wav").exists():
            write_atomically(self.folder / f"{name}.wav", reference)
        return PREFIX + name

    def resolve(
        self, voice_id: str, make: Callable[[str, bytes], str], find: Callable[[str], str | None]
    ) -> str:
        """Return the service's id of a clone, which `make(name, reference)` makes if it doesn't exist yet.

        `find(name)` searches for a voice that a killed run may have made. Ids of other voices are returned
        unchanged.
        """
        if not voice_id.startswith(PREFIX):
            return voice_id
        reference = voice_id.removeprefix(PREFIX)
        # One at a time, so that two lines of one speaker don't make two clones.
        with self._lock:
            known = self.ledger.find(self.engine, self.server, self.job, reference)
            if known is not None and known.id:
                return known.id
            sound = self.sound(voice_id)
            voice = known or self._announce(reference)
            found = find(voice.name) if known else None
            made = RemoteVoice(**{**_as_dict(voice), "id": found or make(voice.name, sound)})
            self.ledger.write(made)
            return made.id

    def lost(self, voice_id: str, clone: str | None = None) -> None:
        """Forget the service's id of a voice; with `clone`, only if it is still that id."""
        with self._lock:
            known = self.ledger.find(self.engine, self.server, self.job, voice_id.removeprefix(PREFIX))
            if known is not None and clone in {None, known.id}:
                self.ledger.forget(known)

    def delete_all(self, delete: Callable[[RemoteVoice], None]) -> tuple[RemoteVoice, ...]:
        """Delete this job's clones unless they are kept. Return those that couldn't be deleted."""
        if self.keep:
            return ()
        # The lock waits for a clone that is being made for a cancelled line, so that it is deleted too.
        with self._lock:
            return _delete(
                self.ledger, self.ledger.live(self.engine, self.server, self.job), lambda _: delete
            )

    def _announce(self, reference: str) -> RemoteVoice:
        name = f"rythmo {fingerprint(self.job.encode())[:8]} {reference}"
        voice = RemoteVoice(self.engine, self.server, self.job, reference, name)
        self.ledger.write(voice)
        return voice

    def sound(self, voice_id: str) -> bytes:
        """Return the reference of a clone as a WAV. Raises EngineFailedError when there is none."""
        reference = voice_id.removeprefix(PREFIX)
        if reference in self._references:
            return self._references[reference]
        file = self.folder / f"{reference}.wav" if self.folder else None
        if file is None or not file.is_file():
            raise EngineFailedError(
                f"{self.engine} has no reference for the voice {PREFIX}{reference}.",
                hint="Cast this speaker again, with consent and clean speech.",
            )
        return file.read_bytes()


CLONE_OPTIONS = frozenset({"references", "ledger", "job", "keep_voices"})
"""Settings of engines that clone. The first three are set by Rythmo."""


def clone_book(engine: str, server: str, settings: Mapping[str, Any]) -> CloneBook:
    """Return the clone book for an engine's settings: `ledger`, `job`, `references`, `keep_voices`."""
    folder = settings.get("references")
    ledger = settings.get("ledger")
    return CloneBook(
        engine,
        server,
        Ledger(Path(ledger) if ledger else None),
        str(settings.get("job", "")),
        Path(folder) if folder else None,
        keep=bool(settings.get("keep_voices")),
    )


@dataclass(frozen=True, slots=True)
class CleanupResult:
    """The result of `clean_voices`; the voices in `left` may still exist."""

    deleted: tuple[RemoteVoice, ...]
    left: tuple[RemoteVoice, ...]


def clean_voices(
    ledger: Ledger | None = None, only: Callable[[RemoteVoice], bool] = lambda _: True
) -> CleanupResult:
    """Delete the remote voices that earlier runs left behind, all or `only` some; those that can't be deleted
    stay in the ledger.

    Each engine that clones remotely has `delete_voice(RemoteVoice)`. It is started with the server's address.
    """
    ledger = ledger or Ledger()
    voices = tuple(filter(only, ledger.live()))
    started: dict[tuple[str, str], Any] = {}

    def deleter(voice: RemoteVoice) -> Callable[[RemoteVoice], None]:
        key = voice.engine, voice.server
        if key not in started:
            spec = registry.find(Kind.VOICE, voice.engine)
            # A job name of its own, so that closing this engine doesn't delete voices in use elsewhere.
            started[key] = registry.create(spec, {"base_url": voice.server, "job": "doctor --clean-voices"})
        delete: Callable[[RemoteVoice], None] = started[key].delete_voice
        return delete

    left = _delete(ledger, voices, deleter)
    for engine in started.values():
        engine.close()
    return CleanupResult(tuple(voice for voice in voices if voice not in left), left)


def _delete(
    ledger: Ledger,
    voices: tuple[RemoteVoice, ...],
    deleter: Callable[[RemoteVoice], Callable[[RemoteVoice], None]],
) -> tuple[RemoteVoice, ...]:
    left: list[RemoteVoice] = []
    for voice in voices:
        try:
            deleter(voice)(voice)
        except RythmoError as error:
            left.append(voice)
            _log.warning("The voice %s at %s is still there: %s", voice.name, voice.engine, error)
        else:
            ledger.forget(voice)
    return tuple(left)


def _as_dict(voice: RemoteVoice) -> dict[str, str]:
    return {name: getattr(voice, name) for name in RemoteVoice.__slots__}
