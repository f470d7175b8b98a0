"""A voice for Rythmo that speaks Morse code (ITU-R M.1677-1): one tone for each speaker."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rythmo.engines.base import EngineInfo, EngineSpec, Kind, SpeakerProfile, SpeechRequest
from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken
from rythmo.script.takes import VoiceRef

_RATE = 16_000
_DOT_S = 0.06
_CODE = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz0123456789",
        [
            ".-",
            "-...",
            "-.-.",
            "-..",
            ".",
            "..-.",
            "--.",
            "....",
            "..",
            ".---",
            "-.-",
            ".-..",
            "--",
            "-.",
            "---",
            ".--.",
            "--.-",
            ".-.",
            "...",
            "-",
            "..-",
            "...-",
            ".--",
            "-..-",
            "-.--",
            "--..",
            "-----",
            ".----",
            "..---",
            "...--",
            "....-",
            ".....",
            "-....",
            "--...",
            "---..",
            "----.",
        ],
        strict=True,
    )
)

INFO = EngineInfo(
    kind=Kind.VOICE,
    name="morse",
    version="0.1",
    summary="Morse code: an example of an engine in a package of its own.",
    licence="Apache-2.0",
    capabilities=frozenset({"duration_control"}),
    # Below the drafts: nobody gets Morse code without asking for it.
    rank=-10,
    draft=True,
)


class MorseVoice:
    """A Voice whose speakers differ in pitch."""

    info = INFO

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._dot_s = float(settings.get("dot_seconds", _DOT_S))

    def cast(
        self, speakers: Sequence[SpeakerProfile], *, language: str, taken: Sequence[VoiceRef] = ()
    ) -> tuple[VoiceRef, ...]:
        """A pitch for each, none of them taken."""
        used = {voice.id for voice in taken}
        free = (hertz for hertz in range(400, 20_000, 40) if str(hertz) not in used)
        return tuple(VoiceRef(INFO.name, str(next(free))) for _ in speakers)

    def speak(self, request: SpeechRequest, *, cancel: CancelToken = NEVER) -> Audio:
        """The line in Morse code at 16 kHz, in `seconds` if they are given. Raises EngineFailedError."""
        cancel.check()
        marks = _marks(request.text)
        if not any(marks):
            raise EngineFailedError(
                f"{request.text!r} has nothing that Morse code can say.", hint="Use Latin letters."
            )
        dot_s = request.seconds / len(marks) if request.seconds else self._dot_s
        edges = np.round(np.arange(len(marks) + 1) * dot_s * _RATE).astype(int)
        on = np.repeat(np.asarray(marks, np.float32), np.diff(edges))
        tone = np.sin(2 * np.pi * int(request.voice.id) * np.arange(on.size) / _RATE)
        return Audio((0.3 * on * tone).astype(np.float32)[np.newaxis], _RATE)

    def close(self) -> None:
        """Nothing to free."""


def _marks(text: str) -> list[int]:
    """1 for each dot's length of sound, 0 for each of silence: 1 between signs, 3 letters, 7 words."""
    plain = unicodedata.normalize("NFKD", text.lower())
    words = [[_CODE[letter] for letter in word if letter in _CODE] for word in plain.split()]
    letter_marks = {".": "1", "-": "111"}
    spoken = [
        "000".join("0".join(letter_marks[sign] for sign in letter) for letter in word)
        for word in words
        if word
    ]
    return [int(mark) for mark in "0000000".join(spoken)]


ENGINE = EngineSpec(INFO, MorseVoice)
