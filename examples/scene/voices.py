"""Speech by Debian's flite, through its C library: it gives the waveform and the time of every word."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy import signal

from .story import RATE, Cue

Mono = NDArray[np.float32]

_LIBRARIES = ("libflite.so.1", "libflite_usenglish.so.1", "libflite_cmulex.so.1")
_LEAD = RATE // 100
_TAIL = 6 * RATE // 100
_LEVEL_DB = -21.0
_ROOM = ((0.0073, 0.10), (0.0131, -0.07), (0.0217, 0.05), (0.0298, -0.03))
"""A few early reflections (seconds, gain): a carriage, but dry enough to be recognised."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A flite voice and what is changed in it."""

    name: str
    pitch: float = 1.0
    stretch: float = 1.0


VOICES = {
    "ANNA": Voice("cmu_us_slt", pitch=1.08),
    "GEORGE": Voice("cmu_us_awb"),
    "GUARD": Voice("cmu_us_rms", pitch=0.85, stretch=1.02),
}


@dataclass(frozen=True, slots=True)
class Word:
    """A word at [start, end) samples."""

    text: str
    start: int
    end: int

    def later(self, samples: int) -> Word:
        return replace(self, start=self.start + samples, end=self.end + samples)


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """Speech at 48 kHz; the first word starts at sample `words[0].start`."""

    samples: Mono
    words: tuple[Word, ...]


class _Wave(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_char_p),
        ("rate", ctypes.c_int),
        ("length", ctypes.c_int),
        ("channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    )


@cache
def _flite() -> ctypes.CDLL:
    try:
        library, *_ = [ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL) for name in _LIBRARIES]
    except OSError as error:
        raise SystemExit(f"flite's libraries are missing ({error}). On Debian: apt install flite") from error
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    signatures = {
        "flite_init": (None, ()),
        "flite_synth_text": (pointer, (text, pointer)),
        "delete_utterance": (None, (pointer,)),
        "utt_wave": (ctypes.POINTER(_Wave), (pointer,)),
        "utt_relation": (pointer, (pointer, text)),
        "relation_head": (pointer, (pointer,)),
        "item_next": (pointer, (pointer,)),
        "ffeature_float": (ctypes.c_float, (pointer, text)),
        "ffeature_string": (text, (pointer, text)),
        "flite_feat_set_float": (None, (pointer, text, ctypes.c_float)),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    library.flite_init()
    return library


@cache
def _load(name: str) -> int:
    """The address of a voice; its C struct is (name, features, ...)."""
    register = getattr(ctypes.CDLL(f"libflite_{name}.so.1"), f"register_{name}")
    register.restype, register.argtypes = ctypes.c_void_p, (ctypes.c_void_p,)
    return int(register(None))


def _configure(voice: Voice, stretch: float) -> int:
    address = _load(voice.name)
    features = ctypes.c_void_p.from_address(address + ctypes.sizeof(ctypes.c_void_p))
    _flite().flite_feat_set_float(features, b"f0_shift", voice.pitch)
    _flite().flite_feat_set_float(features, b"duration_stretch", voice.stretch * stretch)
    return address


def _word_times(utterance: int) -> list[tuple[str, float, float]]:
    """Seconds of each token, from the ends of its own first and last phones (flite's Segment relation)."""
    flite = _flite()
    item = flite.relation_head(flite.utt_relation(utterance, b"Token"))
    times = []
    while item:
        first = b"daughter1.R:SylStructure.daughter1.daughter1.R:Segment.p.end"
        last = b"daughtern.R:SylStructure.daughtern.daughtern.R:Segment.end"
        text = flite.ffeature_string(item, b"name").decode()
        times.append((text, flite.ffeature_float(item, first), flite.ffeature_float(item, last)))
        item = flite.item_next(item)
    return times


def _phrase(text: str, voice: Voice, stretch: float) -> Speech:
    """One stretch without inner pause, trimmed to its words (10 ms before, 60 ms after)."""
    flite = _flite()
    utterance = flite.flite_synth_text(text.encode(), _configure(voice, stretch))
    wave = flite.utt_wave(utterance).contents
    raw = np.ctypeslib.as_array(wave.samples, (wave.length,)).astype(np.float32) / 32768
    times = _word_times(utterance)
    samples = soxr.resample(raw, wave.rate, RATE, quality="VHQ")
    flite.delete_utterance(utterance)
    begin = round(times[0][1] * RATE) - _LEAD
    end = round(times[-1][2] * RATE) + _TAIL
    words = tuple(Word(text, round(a * RATE) - begin, round(b * RATE) - begin) for text, a, b in times)
    return Speech(_faded(np.pad(samples, (0, _TAIL))[begin:end]), words)


def _faded(samples: Mono) -> Mono:
    out = samples.copy()
    out[:_LEAD] *= np.linspace(0, 1, _LEAD, dtype=np.float32)
    out[-_TAIL:] *= np.linspace(1, 0, _TAIL, dtype=np.float32)
    return out


def _join(phrases: list[Speech], pause: int) -> Speech:
    """Phrases one after the other, with `pause` samples from the end of a word to the start of the next."""
    pieces: list[Mono] = []
    words: list[Word] = []
    length = 0
    for phrase in phrases:
        if words:
            silence = pause - _LEAD - _TAIL
            pieces.append(np.zeros(silence, np.float32))
            length += silence
        words += [word.later(length) for word in phrase.words]
        pieces.append(phrase.samples)
        length += phrase.samples.size
    return Speech(np.concatenate(pieces), tuple(words))


def _levelled(samples: Mono, level_db: float) -> Mono:
    """High-passed at 70 Hz and brought to `level_db` RMS, counting only where there is sound."""
    clean = signal.sosfilt(signal.butter(2, 70, "highpass", fs=RATE, output="sos"), samples)
    frames = clean[: clean.size // 960 * 960].reshape(-1, 960)
    power = (frames**2).mean(axis=1)
    loud = power[power > power.max() * 1e-3]
    return (clean * 10 ** (level_db / 20) / np.sqrt(loud.mean())).astype(np.float32)


def _in_room(samples: Mono) -> Mono:
    out = samples.copy()
    for delay, gain in _ROOM:
        shift = round(delay * RATE)
        out[shift:] += np.float32(gain) * samples[:-shift]
    return out


def speak(cue: Cue) -> Speech:
    """The line, spoken by its speaker's voice."""
    phrases = [_phrase(part.strip(), VOICES[cue.speaker], cue.stretch) for part in cue.text.split("|")]
    joined = _join(phrases, cue.pause_ms * RATE // 1000)
    return Speech(_in_room(_levelled(joined.samples, _LEVEL_DB + cue.level_db)), joined.words)
