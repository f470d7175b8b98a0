"""Speech over beds of known sound, which no separator was tuned on: for benchmarks/bed.py.

The speech is Kokoro's (sentences of known words), and two recordings of the test data. The beds are
synthesised: music with and without sound in the middle of the panorama, noise, and a crowd.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from dubbed_recordings import DATA, ROOT
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

from rythmo.engines import registry
from rythmo.engines.base import Kind, SpeechRequest
from rythmo.media import ffmpeg
from rythmo.media.audio import Audio
from rythmo.script.takes import VoiceRef

RATE = 48_000
EXAMPLES = ROOT / "examples"
Sound = NDArray[np.float32]

SENTENCES = {
    "af_bella": (
        "The ferry leaves the harbour at half past seven.",
        "Nobody told me that the bridge would be closed.",
    ),
    "am_fenrir": (
        "My sister planted these apple trees many years ago.",
        "We should have turned left behind the railway station.",
    ),
    "bf_isabella": (
        "There is a letter for you on the kitchen table.",
        "I have never seen so many people at the market.",
    ),
    "bm_lewis": (
        "The old clock in the hall stopped during the night.",
        "Every morning he reads the paper and says nothing.",
    ),
    "af_nicole": (
        "Somebody has been sleeping in the room upstairs.",
        "They promised to call us as soon as they arrived.",
    ),
    "am_puck": (
        "If the engine stops again, wait here for the others.",
        "She painted the whole wall in a single afternoon.",
    ),
}
"""What each voice of Kokoro says."""
_CROWD = ("af_sky", "am_adam", "bf_emma", "bm_george")
_PAUSE_SECONDS = 0.7


@dataclass(frozen=True, slots=True)
class Programme:
    """Speech, shape (1, samples) or that of the bed, its bed, shape (2, samples), and what is said when."""

    name: str
    speech: Sound
    bed: Sound
    text: str
    lines: tuple[tuple[int, int], ...]

    def at_level(self, speech_over_bed_db: float) -> Programme:
        """Return the programme with the speech so much louder than the bed within its lines."""
        inside = self.inside
        level = np.sqrt(np.mean(self.speech[:, inside] ** 2) / np.mean(self.bed[:, inside] ** 2))
        bed = self.bed * np.float32(level / 10 ** (speech_over_bed_db / 20))
        # As loud as a mix can be, so that no level stays unheard.
        scale = np.float32(0.9 / max(0.9, float(np.abs(self.speech + bed).max())))
        return Programme(self.name, self.speech * scale, bed * scale, self.text, self.lines)

    def in_mono(self) -> Programme:
        """Return the programme with one channel."""
        speech, bed = (sound.mean(axis=0, keepdims=True) for sound in (self.speech, self.bed))
        return Programme(self.name, speech, bed, self.text, self.lines)

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Which samples lie in a line."""
        mask = np.zeros(self.bed.shape[1], np.bool_)
        for start, end in self.lines:
            mask[start:end] = True
        return mask

    @property
    def mix(self) -> Audio:
        """What is separated."""
        return Audio(self.speech + self.bed, RATE)


def example() -> Programme:
    """Return the drawn example, with its own bed."""
    truth = json.loads((EXAMPLES / "scene.truth.json").read_text(encoding="utf-8"))
    tracks = {name: _read(EXAMPLES / path) for name, path in truth["files"].items()}
    bed = tracks.pop("bed")
    speech = np.asarray(sum(tracks.values()), np.float32)
    text = " ".join(line["text"] for line in truth["lines"])
    return Programme(
        "the example", speech, bed, text, tuple((one["start"], one["end"]) for one in truth["lines"])
    )


def unseen(scratch: Path) -> Iterator[Programme]:
    """Yield the other programmes. Kokoro's speech is kept in `scratch`."""
    spoken = _speak(scratch)
    for bed, voice in zip((*BEDS, CROWD), SENTENCES, strict=True):
        yield _place(f"{voice} over {bed}", spoken[voice], " ".join(SENTENCES[voice]), _make_bed(bed, spoken))
    known = tomllib.loads((ROOT / "benchmarks" / "references" / "speech.toml").read_text("utf-8"))
    for name, bed in (("speech-jfk", "strings"), ("speech-one-man", "band")):
        sound = _decode(DATA / known[name]["file"])
        yield _place(f"{name} over {bed}", [sound], known[name]["text"], _make_bed(bed, spoken))


def _place(name: str, spoken: list[Sound], text: str, make: Callable[[int], Sound]) -> Programme:
    pause, lines, parts, at = round(_PAUSE_SECONDS * RATE), [], [], 0
    for sound in spoken:
        parts += [np.zeros(pause, np.float32), sound]
        lines.append((at + pause, at + pause + sound.size))
        at += pause + sound.size
    speech = np.concatenate([*parts, np.zeros(pause, np.float32)])
    return Programme(name, speech[None], make(speech.size), text, tuple(lines))


def _speak(scratch: Path) -> dict[str, list[Sound]]:
    """Return what each voice says; voices of the crowd say what others say."""
    wanted = [(voice, number, text) for voice, said in SENTENCES.items() for number, text in enumerate(said)]
    borrowed = list(SENTENCES.values())
    wanted += [
        (voice, n, text) for place, voice in enumerate(_CROWD) for n, text in enumerate(borrowed[place])
    ]
    scratch.mkdir(parents=True, exist_ok=True)
    files = {(voice, number): scratch / f"{voice}-{number}.flac" for voice, number, _ in wanted}
    if not all(file.is_file() for file in files.values()):
        engine = registry.create(registry.find(Kind.VOICE, "kokoro"))
        try:
            for voice, number, text in wanted:
                sound = engine.speak(SpeechRequest(text, "en", VoiceRef("kokoro", voice)))
                soundfile.write(files[voice, number], sound.mono().at_rate(RATE).samples[0], RATE)
        finally:
            engine.close()
    found: dict[str, list[Sound]] = {}
    for (voice, _), file in files.items():
        found.setdefault(voice, []).append(_read(file)[0])
    return found


def _make_bed(name: str, spoken: dict[str, list[Sound]]) -> Callable[[int], Sound]:
    def make(samples: int) -> Sound:
        draw = np.random.default_rng(sum(map(ord, name)))
        made = _crowd(samples, draw, spoken) if name == CROWD else BEDS[name](samples, draw)
        return np.asarray(made / np.sqrt(np.mean(made**2)), np.float32)

    return make


def _piano(samples: int, draw: np.random.Generator) -> Sound:
    """Broken chords, each note somewhere else, in a room."""
    out, step = np.zeros((2, samples)), round(0.28 * RATE)
    for number, start in enumerate(range(0, samples, step)):
        chord = (220.0, 174.6, 196.0, 146.8)[number // 8 % 4]
        pitch = chord * (1, 1.2, 1.5, 2, 2.4, 3)[draw.integers(6)]
        time = np.arange(min(samples - start, 2 * RATE)) / RATE
        note = sum(np.sin(2 * np.pi * pitch * k * time) * np.exp(-time * (1.5 + k)) / k for k in range(1, 9))
        out[:, start : start + time.size] += _pan(note, draw.uniform(-0.8, 0.8))
    return _in_a_room(out, 1.2, draw)


def _strings(samples: int, draw: np.random.Generator) -> Sound:
    """Slow chords of many players, from left to right."""
    out, time = np.zeros((2, samples)), np.arange(samples) / RATE
    for place in (-0.9, -0.5, 0.0, 0.4, 0.9):
        roots = np.take([130.8, 146.8, 164.8, 123.5], (time / 3).astype(int) % 4)
        pitch = (
            roots
            * draw.choice([1, 1.25, 1.5, 2, 3])
            * (1 + 0.004 * np.sin(2 * np.pi * draw.uniform(4, 6) * time))
        )
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        out += _pan(sum(np.sin(k * phase + draw.uniform(0, 6)) / k for k in range(1, 20)), place)
    return _in_a_room(sosfilt(butter(2, 4000, fs=RATE, output="sos"), out, axis=1), 2.0, draw)


def _band(samples: int, draw: np.random.Generator) -> Sound:
    """Drums and a bass in the middle, where the voice is; a guitar and cymbals at the sides."""
    middle, out, beat = np.zeros(samples), np.zeros((2, samples)), round(0.25 * RATE)
    for number, start in enumerate(range(0, samples, beat)):
        time = np.arange(min(samples - start, beat)) / RATE
        noise = draw.standard_normal(time.size)
        here = slice(start, start + time.size)
        if number % 4 == 0:
            middle[here] += (
                1.5 * np.sin(2 * np.pi * 60 * time * (1 + np.exp(-30 * time))) * np.exp(-12 * time)
            )
        if number % 4 == 2:
            middle[here] += 0.6 * noise * np.exp(-20 * time)
        pitch = 55 * 2 ** (draw.choice([0, 3, 5, 7]) / 12)
        middle[here] += (
            0.6 * sum(np.sin(2 * np.pi * pitch * k * time) / k for k in (1, 2, 3)) * np.exp(-3 * time)
        )
        out[:, here] += _pan(0.25 * noise * np.exp(-60 * time), 0.7)
        chord = sum(np.sin(2 * np.pi * 4 * pitch * k * time) / k for k in range(1, 12)) * np.exp(-5 * time)
        out[:, here] += _pan(0.4 * chord, -0.8)
    return _in_a_room(out + middle, 0.4, draw)


def _street(samples: int, draw: np.random.Generator) -> Sound:
    """Rumble on both sides, and cars that pass."""
    noise = draw.standard_normal((2, samples))
    out = sosfilt(butter(1, 200, fs=RATE, output="sos"), noise, axis=1)
    out += 0.05 * sosfilt(butter(1, 2000, fs=RATE, output="sos"), noise[::-1], axis=1)
    time = np.arange(samples) / RATE
    for middle in np.arange(2, samples / RATE, 4.5):
        tyres = sosfilt(butter(2, [300, 2500], "band", fs=RATE, output="sos"), draw.standard_normal(samples))
        near = np.exp(-(((time - middle) / 0.9) ** 2))
        side = np.clip((time - middle) / 1.5, -0.9, 0.9) * draw.choice([-1, 1])
        out += 0.5 * tyres * near * np.stack([np.sqrt((1 - side) / 2), np.sqrt((1 + side) / 2)])
    return out


def _rain(samples: int, draw: np.random.Generator) -> Sound:
    """Rain on leaves: hiss, and drops."""
    out = sosfilt(
        butter(1, [700, 9000], "band", fs=RATE, output="sos"), draw.standard_normal((2, samples)), axis=1
    )
    for start in draw.integers(0, samples, samples // 1500):
        time = np.arange(min(400, samples - start)) / RATE
        drop = np.sin(2 * np.pi * draw.uniform(2000, 6000) * time) * np.exp(-600 * time)
        out[:, start : start + time.size] += _pan(draw.uniform(1, 4) * drop, draw.uniform(-1, 1))
    return out


def _crowd(samples: int, draw: np.random.Generator, spoken: dict[str, list[Sound]]) -> Sound:
    """Four people at once in a hall, from left to right: what a separator may take for dialogue."""
    out = np.zeros((2, samples))
    for place, voice in zip((-0.8, -0.3, 0.4, 0.9), _CROWD, strict=True):
        said = np.concatenate(spoken[voice])
        said = np.roll(np.tile(said, -(-samples // said.size)), draw.integers(said.size))[:samples]
        out += _pan(said / np.sqrt(np.mean(said**2)), place)
    return 0.3 * out + _in_a_room(out, 1.5, draw)


def _pan(sound: NDArray[np.float64], place: float) -> NDArray[np.float64]:
    """Return a sound at a place from -1 (left) to 1."""
    return np.sqrt([[(1 - place) / 2], [(1 + place) / 2]]) * sound


def _in_a_room(sound: NDArray[np.float64], seconds: float, draw: np.random.Generator) -> NDArray[np.float64]:
    """Return the sound with an echo that dies away in so many seconds (60 dB)."""
    time = np.arange(round(seconds * RATE)) / RATE
    echo = draw.standard_normal((2, time.size)) * np.exp(-6.9 * time / seconds)
    wet = fftconvolve(sound, echo, axes=1)[:, : sound.shape[1]]
    return sound + 0.4 * wet * np.sqrt(np.mean(sound**2) / np.mean(wet**2))


BEDS: dict[str, Callable[[int, np.random.Generator], Sound]] = {
    "a piano": _piano,
    "strings": _strings,
    "band": _band,
    "a street": _street,
    "rain": _rain,
}
"""The beds, by what is heard in them; besides there is `CROWD`."""
CROWD = "a crowd"


def _read(file: Path) -> Sound:
    samples, _ = soundfile.read(file, dtype="float32", always_2d=True)
    return np.ascontiguousarray(samples.T)


def _decode(file: Path) -> Sound:
    command = [*ffmpeg.input_arguments(file), "-vn", "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"]
    return np.frombuffer(ffmpeg.run(command), "<f4").copy()
