"""What a dubbed project sounds like, measured: words heard back, likeness of the voices, fit, opinion scores.

Likeness is the cosine of an embedder between a speaker's takes and their original (higher is nearer), and
between one speaker's takes and another's (lower is more different). Words are heard back by the recogniser
that is ready here, and compared with what was to be said. The opinion score is DNSMOS, where its package is
installed (`pip install speechmos librosa`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from statistics import fmean, median

import jiwer
import numpy as np
from numpy.typing import NDArray

from rythmo.engines.base import Kind
from rythmo.engines.pool import EnginePool
from rythmo.media.audio import Audio
from rythmo.media.prosody import measure_prosody
from rythmo.media.wav import read_audio
from rythmo.project.workspace import Project
from rythmo.qc.listener_score import load_listener
from rythmo.qc.packed_listening import transcribe_packed
from rythmo.script.model import Line, Script, Speaker

_MOST_SECONDS = 30
_RATE = 48_000
BAND = (0.9, 1.2)
"""The band of a line's length over its original's within which a dub is comfortable."""


@dataclass(frozen=True, slots=True)
class VoiceMeasures:
    """One speaker: likeness of the takes to the original and to the nearest other speaker's, and pitches."""

    name: str
    voice: str
    to_original: float
    to_nearest: float | None
    original_hz: float
    takes_hz: float


@dataclass(frozen=True, slots=True)
class DubMeasures:
    """One dubbed project.

    `fills` are lengths over those of the originals, `speeds` the tempo of speech (pace and stretch together).
    `heard` are (line, wanted, heard) where they differ; `word_error` is None where nothing was said.
    """

    lines: int
    word_error: float | None
    heard: tuple[tuple[str, str, str], ...]
    voices: tuple[VoiceMeasures, ...]
    fills: tuple[float, ...]
    speeds: tuple[float, ...]
    takes: int
    mos: float | None

    @property
    def in_band(self) -> float | None:
        """The share of lines within the band."""
        return fmean(BAND[0] <= fill <= BAND[1] for fill in self.fills) if self.fills else None


def measure_dub(project: Project, pool: EnginePool) -> DubMeasures:
    """Measure a dubbed project."""
    script = project.load()
    said = [line for line in script.lines if line.placement and line.take and not line.take.is_original]
    takes = [read_audio(project.root / line.take.file).mono().at_rate(_RATE) for line in said if line.take]
    error, heard = _hear_back(said, takes, script.target_language, pool)
    placed = [(line, line.placement) for line in said if line.placement]
    score = load_listener()
    return DubMeasures(
        len(said),
        error,
        heard,
        _measure_voices(script, said, takes, project, pool),
        tuple((at.end - at.start) / line.length for line, at in placed),
        tuple(at.speed * at.pace for _, at in placed),
        sum(len(line.takes) for line in said),
        fmean(score(take) for take in takes) if score and takes else None,
    )


def _hear_back(
    said: list[Line], takes: list[Audio], language: str, pool: EnginePool
) -> tuple[float | None, tuple[tuple[str, str, str], ...]]:
    spoken = [(line, take) for line, take in zip(said, takes, strict=True) if plain(line.translation)]
    if not spoken:
        return None, ()
    hear = partial(transcribe_packed, pool.transcriber(language), language=language)
    found = [" ".join(word.text for word in words) for words in hear([take for _, take in spoken])]
    wanted = [plain(line.translation) for line, _ in spoken]
    got = [plain(text) for text in found]
    wrong = [
        (line.id, line.translation, text.strip())
        for (line, _), text, one, other in zip(spoken, found, wanted, got, strict=True)
        if one != other
    ]
    return float(jiwer.wer(wanted, got)), tuple(wrong)


def _measure_voices(
    script: Script, said: list[Line], takes: list[Audio], project: Project, pool: EnginePool
) -> tuple[VoiceMeasures, ...]:
    speech = read_audio(next((project.artefacts.root / "speech").glob("*.wav"))).mono()
    speakers = [one for one in script.speakers if any(line.speaker == one.id for line in said)]
    pairs = [_sounds_of(speaker, said, takes, speech, script) for speaker in speakers]
    vectors = pool.embedder().embed([sound for pair in pairs for sound in pair])
    originals, dubbed = vectors[::2], vectors[1::2]
    return tuple(
        VoiceMeasures(
            speaker.name,
            speaker.voice.id if speaker.voice else "",
            float(originals[index] @ dubbed[index]),
            _nearest(dubbed, index),
            *(measure_prosody(sound).pitch_hz or 0.0 for sound in pairs[index]),
        )
        for index, speaker in enumerate(speakers)
    )


def _nearest(vectors: NDArray[np.float32], index: int) -> float | None:
    others = np.delete(vectors @ vectors[index], index)
    return float(others.max()) if others.size else None


def _sounds_of(
    speaker: Speaker, said: list[Line], takes: list[Audio], speech: Audio, script: Script
) -> tuple[Audio, Audio]:
    """Return up to half a minute of a speaker's original, separated from its bed, and of their takes."""
    scale = speech.rate / script.programme.sample_rate
    own = [(line, take) for line, take in zip(said, takes, strict=True) if line.speaker == speaker.id]
    own.sort(key=lambda pair: -pair[0].length)
    cuts = [
        speech.cut(*(round(at * scale) for at in line.said_at or (line.start, line.end))) for line, _ in own
    ]
    return _joined(cuts), _joined([take for _, take in own])


def _joined(sounds: list[Audio]) -> Audio:
    rate = sounds[0].rate
    return Audio(np.concatenate([one.samples for one in sounds], axis=1)[:, : _MOST_SECONDS * rate], rate)


def plain(text: str) -> str:
    """Return the words only, in small letters."""
    return " ".join(re.sub(r"[^\w\s]", " ", text.lower()).split())


def spread(values: tuple[float, ...]) -> str:
    """Return smallest, median and largest, for people."""
    return f"{min(values):.2f} to {max(values):.2f}, median {median(values):.2f}" if values else "none"


def recogniser(pool: EnginePool, language: str) -> str:
    """Return who hears back."""
    return pool.info(Kind.TRANSCRIBER, language).stamp
