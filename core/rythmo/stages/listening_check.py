"""Who listens to a dub, to which lines, and what was heard before of the same sound."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from rythmo.engines.base import EngineInfo, Kind, Transcriber, Turn
from rythmo.errors import EngineError, EngineFailedError
from rythmo.media.audio import Audio
from rythmo.media.chunked_audio import ChunkedAudio
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
from rythmo.project.ledger import Ledger
from rythmo.project.workspace import hash_values
from rythmo.qc.packed_listening import transcribe_packed
from rythmo.script.model import Line, Script, Severity, Word
from rythmo.stages.context import Context
from rythmo.stages.listening_elsewhere import find_transcriber

_LEDGER = "heard-back"
_VERSION = 1
# Up to so many lines all are listened to; of a longer dub those that something speaks against. Whisper base
# takes about 1.5 s of processor for a line, however short, because it always works on windows of 30 s.
_ALL_LINES = 60
_MOST_STRETCHES = 40
# Tempos at which words are lost first.
_HURRIED, _SLOWED = 1.3, 0.85


@dataclass(frozen=True, slots=True)
class HeardBack:
    """What a recogniser heard in one sound."""

    words: tuple[Word, ...]
    language: str = ""


class RememberingListener:
    """A transcriber that hears each sound once: the same samples have the same words, in every run."""

    def __init__(self, engine: Transcriber, ledger: Ledger[HeardBack], at_once: int = 1) -> None:
        self._engine, self._ledger, self._at_once = engine, ledger, at_once
        self.info: EngineInfo = engine.info

    def transcribe(
        self,
        speech: Audio,
        *,
        language: str,
        turns: Sequence[Turn] = (),
        report: Fraction01 = ignore_progress,
        cancel: CancelToken = NEVER,
    ) -> tuple[Word, ...]:
        """The words of the sound, remembered or heard."""

        def make() -> HeardBack:
            return HeardBack(
                self._engine.transcribe(speech, language=language, turns=turns, report=report, cancel=cancel)
            )

        return self._ledger.value(self._key(language, speech), make).words

    def transcribe_each(
        self, sounds: Sequence[Audio], *, language: str, cancel: CancelToken = NEVER
    ) -> tuple[tuple[Word, ...], ...]:
        """Return the words of each sound; those that are not remembered are heard together."""
        keys = [self._key(f"together {language}", sound) for sound in sounds]
        new = {key: sound for key, sound in zip(keys, sounds, strict=True) if not self._ledger.find(key)}
        heard = transcribe_packed(
            self._engine, list(new.values()), language=language, cancel=cancel, at_once=self._at_once
        )
        known = {key: HeardBack(words) for key, words in zip(new, heard, strict=True)}
        return tuple(self._ledger.value(key, partial(known.__getitem__, key)).words for key in keys)

    def find_language(self, speech: Audio, *, turns: Sequence[Turn] = (), cancel: CancelToken = NEVER) -> str:
        """The language of the sound, remembered or heard; "" where the recogniser knows only one."""
        find = getattr(self._engine, "find_language", None)
        if find is None:
            return ""

        def make() -> HeardBack:
            return HeardBack((), find(speech, turns=turns, cancel=cancel) or "")

        return self._ledger.value(self._key("language", speech), make).language

    def close(self) -> None:
        """Nothing to close: the engine belongs to its pool."""

    def _key(self, what: str, speech: Audio) -> str:
        sound = hashlib.sha256(speech.samples.tobytes()).hexdigest()
        return hash_values(_VERSION, self.info.stamp, what, speech.rate, sound)


def remember_words(engine: Transcriber, context: Context) -> Transcriber:
    """The transcriber, which from now on hears each sound once for this project."""
    elsewhere = context.executor if context.sends_away(engine.info) else None
    lanes = elsewhere.lanes(engine.info) if elsewhere else engine.info.at_once
    return RememberingListener(engine, context.ledger(_LEDGER, HeardBack), lanes)


def find_listener(script: Script, context: Context) -> Transcriber | None:
    """The recogniser that hears a new dub back; None where it would be of no use, or would send anything.

    A draft recogniser mishears too much, and draft voices are hard to understand: `rythmo qc` still listens.
    """
    try:
        voice = context.engines.spec(Kind.VOICE, script.target_language).info
    except EngineError:
        return None
    return (
        None if voice.is_draft(script.target_language) else _find_recogniser(script.target_language, context)
    )


def find_wordless(
    turns: Sequence[Turn], speech: ChunkedAudio, language: str, context: Context
) -> frozenset[Turn]:
    """Of stretches that may be speech, those in which a recogniser hears no word: an animal, music, laughter.

    None where no recogniser is ready, or where it fails; the first stretches alone are listened to.
    """
    recogniser = _find_recogniser(language, context) if turns else None
    if recogniser is None:
        return frozenset()
    found = []
    for turn in turns[:_MOST_STRETCHES]:
        sound = speech.read(turn.start, turn.end)
        whole = [Turn(0, sound.length, turn.speaker)]
        try:
            words = recogniser.transcribe(sound, language=language, turns=whole, cancel=context.cancel)
        except EngineFailedError:
            break
        if not words:
            found.append(turn)
    return frozenset(found)


def _find_recogniser(language: str, context: Context) -> Transcriber | None:
    """A recogniser that is ready on this machine, no draft, and knows the language; else None."""
    try:
        info = context.engines.spec(Kind.TRANSCRIBER, language).info
        if not info.local or info.is_draft(language):
            return None
        return remember_words(find_transcriber(language, context), context)
    except EngineError:
        return None


def choose_lines(script: Script) -> frozenset[str]:
    """Ids of the lines to hear back: all of a short dub, else those that something speaks against."""
    placed = [line for line in script.lines if line.placement is not None]
    if len(placed) <= _ALL_LINES:
        return frozenset(line.id for line in placed)
    return frozenset(line.id for line in placed if _is_suspect(line))


def _is_suspect(line: Line) -> bool:
    speed = line.placement.speed if line.placement else 1.0
    flagged = any(flag.severity is not Severity.INFO for flag in line.flags)
    return flagged or not _SLOWED <= speed <= _HURRIED
