"""Voice clones at a service.

A clone is made when its first line is spoken, found again after a crash, and deleted when the job ends.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from rythmo.engines.base import SpeakerProfile
from rythmo.engines.local.background import in_background
from rythmo.engines.remote.calls import Remote
from rythmo.engines.remote.reference import ReferenceRules, prepare_reference, write_wav
from rythmo.engines.remote.voice_ledger import PREFIX, CloneBook, RemoteVoice, clone_book
from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio
from rythmo.progress import CancelToken

_log = logging.getLogger(__name__)
_SETTLE_SECONDS = 2.0


class VoiceGoneError(Exception):
    """The voice does not exist at the service."""


@dataclass(frozen=True, slots=True)
class Cloner:
    """A service's functions for clones. The last argument of each is its timeout in seconds.

    `create` (name, reference as WAV) returns the service's id. `search` (name) returns the id, or None when
    there is no such voice. `delete` (id) raises VoiceGoneError when the voice no longer exists.
    """

    create: Callable[[str, bytes, float], str]
    search: Callable[[str, float], str | None]
    delete: Callable[[str, float], None]


class Clones:
    """The clones of one job at one service."""

    def __init__(
        self, engine: str, server: str, remote: Remote, cloner: Cloner, settings: Mapping[str, Any]
    ) -> None:
        self._remote = remote
        self._cloner = cloner
        self._book: CloneBook = clone_book(engine, server, settings)

    def add(self, speaker: SpeakerProfile, rules: ReferenceRules | None = None) -> str:
        """Store a speaker's reference and return the id for their VoiceRef. Nothing is sent yet."""
        return self._book.add(write_wav(prepare_reference(speaker.references, rules)))

    def speak(self, voice_id: str, say: Callable[[str], Audio], cancel: CancelToken) -> Audio:
        """Return what `say` returns for the service's id of that voice, making the clone if necessary.

        `say` raises VoiceGoneError for a voice that was deleted between two lines, by hand or by another job.
        The clone is then made again. A service may need a moment until it knows the new clone, so that `say`
        is tried twice with it. Raises EngineFailedError.
        """
        clone = self._resolve(voice_id, cancel)
        try:
            return say(clone)
        except VoiceGoneError:
            self._book.lost(voice_id, clone)
        if voice_id.startswith(PREFIX):
            clone = self._resolve(voice_id, cancel)
            with suppress(VoiceGoneError):
                return say(clone)
            self._remote.clock.sleep(_SETTLE_SECONDS, cancel)
            with suppress(VoiceGoneError):
                return say(clone)
            self._book.lost(voice_id, clone)
        raise EngineFailedError(
            f"{self._remote.service} has no voice {clone!r}.",
            hint="Cast this speaker again, or check the voices of your account at the service.",
        )

    def delete(self, voice: RemoteVoice) -> None:
        """Delete one clone; one that no longer exists counts as deleted. Raises EngineFailedError."""
        voice_id = voice.id or self._find(voice.name)
        if not voice_id:
            return

        def attempt(timeout: float) -> None:
            try:
                self._cloner.delete(voice_id, timeout)
            except VoiceGoneError:
                return

        self._remote.call(attempt, what="delete a voice")

    def close(self) -> None:
        """Delete this job's clones. Those that cannot be deleted stay in the ledger and are logged."""
        left = self._book.delete_all(self.delete)
        if left:
            names = ", ".join(voice.name for voice in left)
            service = self._remote.service
            _log.warning(
                "%d voices are still at %s (%s): rythmo doctor --clean-voices", len(left), service, names
            )

    def _resolve(self, voice_id: str, cancel: CancelToken) -> str:
        # A clone being made when the user cancels is still finished and recorded, so that `close` finds it.
        return in_background(lambda: self._book.resolve(voice_id, self._make, self._find), cancel)

    def _make(self, name: str, reference: bytes) -> str:
        tried: list[bool] = []

        def attempt(timeout: float) -> str:
            # The voice may exist although its answer was lost, so search for it before trying again.
            found = self._cloner.search(name, timeout) if tried else None
            tried.append(True)
            return found or self._create(name, reference, timeout)

        return self._remote.call(attempt, what="clone a voice")

    def _create(self, name: str, reference: bytes, timeout: float) -> str:
        made = self._cloner.create(name, reference, timeout)
        self._remote.usage.count(clones=1)
        return made

    def _find(self, name: str) -> str | None:
        return self._remote.call(lambda timeout: self._cloner.search(name, timeout), what="look for a voice")
