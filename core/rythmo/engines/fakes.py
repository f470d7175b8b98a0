"""Fake engines for tests, in which speech is tones. They are fast, exact and deterministic.

Each person is a pitch, and a burst of that pitch is one word. A test writes a scene as bursts and can run
every kind of engine without a model. The fakes are part of the package so that others who build on Rythmo can
test with them. They are never registered: pass `specs()` to the pipeline.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.base import (
    EngineInfo,
    EngineSpec,
    Kind,
    MarkScore,
    Separation,
    SpeakerProfile,
    SpeechRequest,
    TranslationRequest,
    Turn,
)
from rythmo.engines.lips import LipFrames, LipRequest
from rythmo.engines.voice_offer import ListedVoice, VoiceOffer, read_pace, read_pitch
from rythmo.errors import EngineFailedError
from rythmo.faces.model import POINTS, Face, Picture
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
from rythmo.script.model import Word
from rythmo.script.takes import VoiceRef
from rythmo.timebase import frames_to_samples

RATE = 48_000
_FRAME = 480
_LOUD = 0.05
_JOIN_FRAMES = 3
VOICE_RATE = 24_000
FACE_COLOURS = ((230, 40, 40), (40, 200, 40), (50, 60, 235))
"""The colours of the fakes' faces: a square of one is a face, the dark bar in its lower half the mouth."""
_COLOUR_REACH = 70
_LEAST_FACE = 12
"""Pixels of a side below which a patch of colour is no face."""
_MARK_HZ = 1510
_MARK_SHARE = 0.02
SECONDS_PER_LETTER = 0.06
PITCHES = (200, 300, 450, 700)


@dataclass
class Calls:
    """A record of calls, shared by the engines of one `specs()`.

    It holds the number of calls by kind and their order, what was spoken, whose lips were moved, and how
    many calls ran at once at most. `seconds` by kind makes calls as slow as those to a remote service.
    """

    count: Counter[Kind] = field(default_factory=Counter)
    order: list[Kind] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    seconds: Mapping[Kind, float] = field(default_factory=dict)
    most: Counter[Kind] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    _running: Counter[Kind] = field(default_factory=Counter)

    def __reduce__(self) -> tuple[object, ...]:
        # In another process the engines count for themselves.
        return Calls, (), {"seconds": dict(self.seconds)}

    def add(self, kind: Kind, spoken: str | None = None) -> None:
        """Count one call."""
        with self.lock:
            self.count[kind] += 1
            self.order.append(kind)
            if spoken is not None:
                self.spoken.append(spoken)
        if seconds := self.seconds.get(kind):
            self._wait(kind, seconds)

    def _wait(self, kind: Kind, seconds: float) -> None:
        with self.lock:
            self._running[kind] += 1
            self.most[kind] = max(self.most[kind], self._running[kind])
        threading.Event().wait(seconds)
        with self.lock:
            self._running[kind] -= 1


@dataclass
class Fake:
    """The base class of the fakes."""

    info: EngineInfo
    calls: Calls

    def close(self) -> None:
        """Do nothing: there is nothing to free."""


class FakeSeparator(Fake):
    """A separator: speech is what the channels have in common, and the rest is bed."""

    def separate(
        self, mix: Audio, *, report: Fraction01 = ignore_progress, cancel: CancelToken = NEVER
    ) -> Separation:
        """Return speech and bed; they sum to the mix."""
        self.calls.add(Kind.SEPARATOR)
        cancel.check()
        middle = mix.samples.mean(axis=0, keepdims=True)
        speech = np.where(np.abs(mix.samples) > 0, middle, 0).astype(np.float32)
        report(1.0)
        return Separation(Audio(speech, mix.rate), Audio(mix.samples - speech, mix.rate))


class FakeDiarizer(Fake):
    """A diarizer of bursts, by pitch."""

    def diarize(
        self,
        speech: Audio,
        *,
        speakers: int | None = None,
        report: Fraction01 = ignore_progress,
        cancel: CancelToken = NEVER,
    ) -> tuple[Turn, ...]:
        """Return one turn for each burst; `speakers` merges the highest pitches."""
        self.calls.add(Kind.DIARIZER)
        cancel.check()
        most = len(PITCHES) if speakers is None else speakers
        report(1.0)
        return tuple(Turn(a, b, f"P{min(voice, most - 1)}") for a, b, voice in bursts(speech))


class FakeEmbedder(Fake):
    """An embedder with one dimension for each pitch."""

    same_in_chunk = same_speaker = 0.8

    def embed(self, speech: Sequence[Audio], *, cancel: CancelToken = NEVER) -> NDArray[np.float32]:
        """Return unit vectors; zeros for silence."""
        self.calls.add(Kind.EMBEDDER)
        rows = np.zeros((len(speech), len(PITCHES)), np.float32)
        for row, audio in enumerate(speech):
            for _, _, voice in bursts(audio)[:1]:
                rows[row, voice] = 1.0
        return rows


class FakeWatermark(Fake):
    """A watermark of one tone, 2 % of the loudest sample, at a pitch that nobody speaks at."""

    window_seconds = 1.0

    def mark(self, sound: Audio, *, cancel: CancelToken = NEVER) -> Audio:
        """Add the tone to every channel."""
        self.calls.add(Kind.WATERMARK)
        cancel.check()
        level = _MARK_SHARE * float(np.abs(sound.samples).max(initial=0.0))
        return Audio(sound.samples + level * _mark_wave(sound), sound.rate)

    def find(self, sound: Audio, *, cancel: CancelToken = NEVER) -> MarkScore:
        """Compare the sound with the tone; it is found from a fifth of its level on."""
        cancel.check()
        loudest = float(np.abs(sound.samples).max(initial=0.0))
        if not loudest:
            return MarkScore(0.0, found=False)
        turning = np.exp(-2j * np.pi * _MARK_HZ / sound.rate * np.arange(sound.length))
        level = 2 * float(np.abs((sound.samples * turning).mean(axis=1)).max())
        score = min(1.0, level / loudest / _MARK_SHARE)
        return MarkScore(score, score > 0.2)


def _mark_wave(sound: Audio) -> NDArray[np.float32]:
    time = np.arange(sound.length) / sound.rate
    return np.asarray(np.sin(2 * np.pi * _MARK_HZ * time), np.float32)


class FakeFaceTracker(Fake):
    """A face tracker: squares of `FACE_COLOURS` are faces; one half as wide as it is high is a profile."""

    same_person = 0.5

    def find_faces(
        self, frames: Sequence[Picture], *, before: Sequence[Face] = (), cancel: CancelToken = NEVER
    ) -> tuple[tuple[Face, ...], ...]:
        """Return the squares of each frame, in order of colour."""
        self.calls.add(Kind.FACE_TRACKER)
        cancel.check()
        seen = [[_find_square(frame, colour) for colour in FACE_COLOURS] for frame in frames]
        return tuple(tuple(face for face in faces if face is not None) for faces in seen)

    def describe_faces(
        self, frame: Picture, faces: Sequence[Face], *, cancel: CancelToken = NEVER
    ) -> NDArray[np.float32]:
        """Return one dimension for each colour."""
        height, width = frame.shape[:2]
        rows = np.zeros((len(faces), len(FACE_COLOURS)), np.float32)
        for row, face in zip(rows, faces, strict=True):
            left, top, right, bottom = face.box
            x, y = round((left + right) / 2 * width), round((top + (bottom - top) * 0.2) * height)
            distances = [np.abs(frame[y, x].astype(int) - colour).max() for colour in FACE_COLOURS]
            row[int(np.argmin(distances))] = 1.0
        return rows


def _find_square(frame: Picture, colour: tuple[int, int, int]) -> Face | None:
    height, width = frame.shape[:2]
    inside = np.abs(frame.astype(np.int16) - colour).max(axis=2) < _COLOUR_REACH
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if rows.size < _LEAST_FACE or columns.size < _LEAST_FACE // 2:
        return None
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    box = (left / width, top / height, right / width, bottom / height)
    if right - left < 0.7 * (bottom - top):
        return Face(box, yaw=75.0)
    middle = frame[(top + bottom) // 2 : bottom, (left + right) // 2].max(axis=1)
    dark = np.flatnonzero(middle < _COLOUR_REACH)
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    patch = np.array_split(frame[(top + bottom) // 2 : bottom, left:right].mean(axis=2), 8)
    cells = [part.mean() for row in patch for part in np.array_split(row, 8, axis=1)]
    return Face(
        box,
        points=((x, y),) * len(POINTS),
        opening=len(dark) / float(right - left),
        sharpness=0.3,
        patch=np.clip(cells, 0, 255).astype(np.uint8).tobytes(),
    )


class FakeTranscriber(Fake):
    """A transcriber: each burst is a word made of the speaker's letter and the length in tenths of a
    second."""

    def transcribe(
        self,
        speech: Audio,
        *,
        language: str,
        turns: Sequence[Turn] = (),
        report: Fraction01 = ignore_progress,
        cancel: CancelToken = NEVER,
    ) -> tuple[Word, ...]:
        """Return a word for each burst."""
        self.calls.add(Kind.TRANSCRIBER)
        cancel.check()
        names = "abcd"
        report(1.0)
        return tuple(
            Word(f"{names[voice]}{round(10 * (end - start) / speech.rate)}", start, end, 1.0)
            for start, end, voice in bursts(speech)
        )


class FakeTranslator(Fake):
    """A translator that puts the language before the text."""

    def pairs(self) -> frozenset[tuple[str, str]]:
        """Return an empty set: any pair works."""
        return frozenset()

    def translate(self, request: TranslationRequest, *, cancel: CancelToken = NEVER) -> tuple[str, ...]:
        """Return `es: text` for each line."""
        self.calls.add(Kind.TRANSLATOR)
        cancel.check()
        return tuple(f"{request.target}: {line.text}" for line in request.lines)


class FakeVoice(Fake):
    """A voice: a tone as long as the text. A text with "fail" fails, and one with "nothing" gives no
    samples."""

    def cast(
        self, speakers: Sequence[SpeakerProfile], *, language: str, taken: Sequence[VoiceRef] = ()
    ) -> tuple[VoiceRef, ...]:
        """Return a different pitch for each speaker."""
        self.calls.add(Kind.VOICE)
        used = {voice.settings["hz"] for voice in taken}
        free = [hz for hz in range(150, 150 + 50 * (len(speakers) + len(used)), 50) if hz not in used]
        return tuple(VoiceRef(self.info.name, f"v{hz}", {"hz": hz}) for hz in free[: len(speakers)])

    def speak(self, request: SpeechRequest, *, cancel: CancelToken = NEVER) -> Audio:
        """Return the tone at a rate other than the project's, as real engines do."""
        self.calls.add(Kind.VOICE, request.text)
        cancel.check()
        if "fail" in request.text:
            raise EngineFailedError("The fake voice failed on purpose.", hint="Use a text without that word.")
        natural = SECONDS_PER_LETTER * len(request.text) * (1 + request.variation / 20)
        natural /= read_pace(request.voice)
        seconds = request.seconds or natural
        length = 0 if "nothing" in request.text else round(seconds * VOICE_RATE)
        hz = request.voice.settings["hz"] * 2 ** (read_pitch(request.voice) / 12)
        return Audio(tone(hz, length, VOICE_RATE)[np.newaxis], VOICE_RATE)


class FakeLipSync(Fake):
    """A lip-sync engine: the lower half of each box turns grey, as light as the frame's sound is loud."""

    def move_lips(
        self, request: LipRequest, *, report: Fraction01 = ignore_progress, cancel: CancelToken = NEVER
    ) -> LipFrames:
        """Return the crops with a grey patch; silence is black."""
        self.calls.add(Kind.LIP_SYNC)
        self.calls.moved.append(request.name)
        frames, masks = request.frames.copy(), np.zeros(request.frames.shape[:3], np.uint8)
        edges = [frames_to_samples(number, request.rate) for number in range(request.count + 1)]
        for number, face in enumerate(request.faces):
            cancel.check()
            sound = request.sound.samples[0, edges[number] : edges[number + 1]]
            left, top, right, bottom = (max(0, round(edge)) for edge in face.box)
            patch = np.s_[number, (top + bottom) // 2 : bottom, left:right]
            frames[patch] = min(255, round(255 * float(np.abs(sound).max(initial=0.0))))
            masks[patch] = 255
        report(1.0)
        return LipFrames(frames, masks)


def _list_tones(_settings: Mapping[str, Any], _language: str) -> tuple[ListedVoice, ...]:
    return tuple(
        ListedVoice(f"v{hz}", "es" if hz < 300 else "pt", "female" if hz >= 200 else "male")
        for hz in range(150, 450, 50)
    )


def _make_tone(voice: str, _settings: Mapping[str, Any]) -> VoiceRef:
    if not (voice[:1] == "v" and voice[1:].isdigit() and 50 <= int(voice[1:]) <= 1000):
        raise EngineFailedError(f"The fake voice has no {voice!r}.", hint="Use v150 to v400.")
    return VoiceRef("toy-voice", voice, {"hz": int(voice[1:])})


def _mix_tones(first: str, second: str, share: float) -> str:
    one, other = (_make_tone(voice, {}).settings["hz"] for voice in (first, second))
    return f"v{round(share * one + (1 - share) * other)}"


TONES = VoiceOffer(_list_tones, _make_tone, _mix_tones, pace=(0.5, 2.0), pitch=(-6.0, 6.0))
"""What the fake voice offers: tones from 150 to 400 Hz, named v150 to v400; a mixture is a pitch between."""


def tone(hz: float, length: int, rate: int = RATE, level: float = 0.3) -> NDArray[np.float32]:
    """Return a burst of shape (length,), with edges of 5 ms."""
    time = np.arange(length) / rate
    edge = np.minimum(1.0, np.minimum(time, time[::-1]) / 0.005)
    return (level * edge * np.sin(2 * np.pi * hz * time)).astype(np.float32)


def bursts(audio: Audio) -> list[tuple[int, int, int]]:
    """Return (start, end, index of the pitch) of each loud stretch; positions are in samples."""
    signal = audio.mono().at_rate(RATE).samples[0]
    count = signal.size // _FRAME
    level = np.abs(signal[: count * _FRAME]).reshape(count, _FRAME).max(axis=1, initial=0.0)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (level > _LOUD).astype(int), [0]))))
    spans: list[list[int]] = []
    for a, b in edges.reshape(-1, 2):
        if spans and a - spans[-1][1] < _JOIN_FRAMES:
            spans[-1][1] = int(b)
        else:
            spans.append([int(a), int(b)])
    scale = audio.rate / RATE
    return [
        (round(a * _FRAME * scale), round(b * _FRAME * scale), _pitch(signal[a * _FRAME : b * _FRAME]))
        for a, b in spans
    ]


def _pitch(signal: NDArray[np.float32]) -> int:
    spectrum = np.abs(np.fft.rfft(signal, 48_000))
    return int(np.argmax([spectrum[hz - 20 : hz + 20].max() for hz in PITCHES]))


def specs(
    calls: Calls | None = None, at_once: Mapping[Kind, int] | None = None, **capabilities: frozenset[str]
) -> dict[Kind, EngineSpec]:
    """Return one fake engine of each kind.

    Args:
        calls: The record that they share.
        at_once: By kind, how many requests the engine takes at once; default 1.
        capabilities: By kind, for example voice=frozenset({"duration_control"}).
    """
    shared = calls or Calls()
    kinds: dict[Kind, type[Fake]] = {
        Kind.SEPARATOR: FakeSeparator,
        Kind.DIARIZER: FakeDiarizer,
        Kind.EMBEDDER: FakeEmbedder,
        Kind.FACE_TRACKER: FakeFaceTracker,
        Kind.TRANSCRIBER: FakeTranscriber,
        Kind.TRANSLATOR: FakeTranslator,
        Kind.VOICE: FakeVoice,
        Kind.LIP_SYNC: FakeLipSync,
        Kind.WATERMARK: FakeWatermark,
    }
    return {
        kind: _spec(
            kind, make, shared, capabilities.get(str(kind), frozenset()), (at_once or {}).get(kind, 1)
        )
        for kind, make in kinds.items()
    }


def _spec(
    kind: Kind, make: type[Fake], calls: Calls, capabilities: frozenset[str], at_once: int
) -> EngineSpec:
    info = EngineInfo(
        kind,
        f"toy-{kind}",
        "1",
        "tones",
        "Apache-2.0",
        capabilities=capabilities,
        draft=True,
        at_once=at_once,
    )
    return EngineSpec(info, partial(_create, make, info, calls), voices=TONES if kind is Kind.VOICE else None)


def _create(make: type[Fake], info: EngineInfo, calls: Calls, _settings: Mapping[str, Any]) -> Fake:
    return make(info, calls)
