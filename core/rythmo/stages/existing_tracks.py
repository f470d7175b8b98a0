"""Use existing dialogue and M&E tracks instead of separation: decode, align and check them.

A track is named as a file, as `#2` for the second sound track of the programme's own file, or as `FILE#2` for
that of another file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.counts import format_count
from rythmo.errors import InputError, UsageError
from rythmo.files import make_printable
from rythmo.media.audio import Audio
from rythmo.media.bwf import BwfWriter
from rythmo.media.decode import choose_stream, extract_sound
from rythmo.media.media_info import AudioStream, MediaInfo
from rythmo.media.pcm24 import Pcm24Reader
from rythmo.media.probe import probe
from rythmo.media.wav import from_int24
from rythmo.mix.mix_plan import dialogue_channels
from rythmo.project.workspace import hash_values
from rythmo.script.model import Programme
from rythmo.settings import TrackSettings
from rythmo.stages.context import Context
from rythmo.timebase import SAMPLE_RATE, time_reference

VERSION = 1

_TRACK = re.compile(r"(.*)#([1-9]\d?)\Z", re.DOTALL)
_BLOCK = 10 * SAMPLE_RATE
# Alignment is searched at a sample rate this many times lower: 6 kHz, a sixth of a millisecond.
_COARSE = 8
_LOOKED_AT = 120 * SAMPLE_RATE
_FURTHEST = 3 * SAMPLE_RATE
_CLEAR = 0.3
_LATE_MS = 2.0
_SAME_LEVEL = 0.1


@dataclass(frozen=True, slots=True)
class ExistingTracks:
    """Existing tracks, each as long as the programme, or None. `dx` is mono.

    `contained` means that the mix holds `dx` at the same level, so that the mix minus `dx` is everything
    else. `key` is a hash of their content.
    """

    dx: Path | None = None
    me: Path | None = None
    contained: bool = False
    key: str = ""


NOTHING = ExistingTracks()


@dataclass(frozen=True, slots=True)
class _Track:
    """One track: its file and stream, and its role ("dx" or "me")."""

    role: str
    name: str
    info: MediaInfo
    stream: AudioStream

    def refuse(self, why: str, hint: str) -> InputError:
        return InputError(f"--{self.role} {make_printable(self.name)} {why}.", hint=hint)


def run(
    tracks: TrackSettings, info: MediaInfo, sound: Path, programme: Programme, context: Context
) -> ExistingTracks:
    """Return the tracks that the settings name. `sound` is the programme's ingested sound.

    Raises MediaError for a file without sound, and InputError for one that does not match the programme.
    """
    dx, me = (_track(role, name, info) for role, name in (("dx", tracks.dx), ("me", tracks.me)))
    found = {track.role: _aligned(track, info, sound, programme, context) for track in (dx, me) if track}
    if not found:
        return NOTHING
    key = hash_values("given", VERSION, [(role, one) for role, (one, _) in sorted(found.items())])
    paths = {role: path for role, (_, path) in found.items()}
    contained = "dx" in paths and context.artefacts.value(
        "given", key, bool, lambda: _contains(sound, paths["dx"])
    )
    return ExistingTracks(paths.get("dx"), paths.get("me"), contained, key)


def roles_with_track(tracks: TrackSettings) -> tuple[str, ...]:
    """Return the roles ("dx", "me") that have a track."""
    return tuple(role for role in ("dx", "me") if getattr(tracks, role))


def check_tracks(tracks: TrackSettings, info: MediaInfo, channels: int) -> None:
    """Check the tracks before any work starts. Raises as `run` does."""
    for role in roles_with_track(tracks):
        track = _track(role, getattr(tracks, role), info)
        if track is not None:
            _check_layout(track, channels)


def _track(role: str, name: str, info: MediaInfo) -> _Track | None:
    if not name:
        return None
    match = _TRACK.match(name)
    path, number = (match[1], int(match[2])) if match and not Path(name).is_file() else (name, 0)
    media = probe(Path(path)) if path else info
    if number > len(media.audio):
        there = ("there is", "there are")[len(media.audio) != 1]
        tracks = f"{there} {format_count(len(media.audio), 'sound track')}"
        raise UsageError(
            f"--{role} {make_printable(name)}: {tracks}.",
            hint="They count from 1.",
        )
    return _Track(role, name, media, media.audio[number - 1] if number else choose_stream(media))


def _check_layout(track: _Track, channels: int) -> None:
    # Dialogue becomes mono. A mono M&E can be used for a stereo programme, but not for a surround one.
    fitting = {1, 2, channels} if track.role == "dx" else {1, channels} if channels == 2 else {channels}
    if track.stream.channels not in fitting:
        raise track.refuse(
            f"has {track.stream.channels} channel(s), the programme {channels}",
            f"Export it in the programme's layout ({channels} channels).",
        )


def _aligned(
    track: _Track, info: MediaInfo, sound: Path, programme: Programme, context: Context
) -> tuple[str, Path]:
    """Return the key and file of the track in programme time: 48 kHz, 24 bit, the programme's length."""
    _check_layout(track, programme.channels)
    offset = _offset(track, info, programme)
    store = context.artefacts
    source = store.source_digest(track.info.path)
    channels = 1 if track.role == "dx" else programme.channels
    key = hash_values("track", VERSION, source, track.stream.index, offset, programme.length, channels)

    def make(path: Path) -> None:
        raw = path.with_name(path.name + ".raw")
        try:
            extract_sound(
                track.info, raw, stream=track.stream.index, report=context.report, cancel=context.cancel
            )
            _write(raw, path, offset, programme.length, channels)
        finally:
            raw.unlink(missing_ok=True)
        _require_alignment(track, sound, path)

    return key, store.file("given", key, ".wav", make)


def _offset(track: _Track, info: MediaInfo, programme: Programme) -> int:
    """Return the programme position of the track's first sample: by timecode if both have one, else 0."""
    there = track.info.time_reference
    if track.info is info or not there or info.time_reference is None:
        return 0
    offset = there - time_reference(programme.start_frame, programme.rate, programme.sample_rate)
    if offset >= programme.length or offset + track.info.duration <= 0:
        raise track.refuse(
            "lies outside the programme by its timecode", "Export it with the programme's start timecode."
        )
    return offset


def _write(raw: Path, path: Path, offset: int, length: int, channels: int) -> None:
    with Pcm24Reader(raw) as reader, BwfWriter(path, SAMPLE_RATE, channels, length=length) as writer:
        for at in range(0, length, _BLOCK):
            size = min(_BLOCK, length - at)
            out = np.zeros((channels, size), np.int32)
            first = max(0, offset - at)
            part = reader.read_int(at + first - offset, size - first) if first < size else out[:, :0]
            if channels == 1 and part.shape[0] > 1:
                part = np.rint(
                    dialogue_mono(Audio(from_int24(part), SAMPLE_RATE)).samples * (1 << 23)
                ).astype(np.int32)
            out[:, first : first + part.shape[1]] = part
            writer.write(out)


def dialogue_mono(speech: Audio) -> Audio:
    """Mix speech down to one channel, at the level of a mono stem put back in its place.

    It is the centre channel when there is one, unless left and right together carry more; otherwise the mean
    of the channels that the layout uses for dialogue.
    """
    channels = dialogue_channels(speech.channels)
    if channels == (2,) and _power(speech.samples[:2]) > _power(speech.samples[2:3]):
        channels = (0, 1)
    own = speech.samples[channels[0] : channels[-1] + 1]  # a view: the channels stand side by side
    return Audio(own.mean(axis=0, keepdims=True), speech.rate)


def _power(samples: NDArray[np.float32]) -> float:
    return float(np.square(samples, dtype=np.float64).sum())


def _require_alignment(track: _Track, sound: Path, path: Path) -> None:
    """Raise InputError when the track is late or early against the mix."""
    late = _lateness(_dialogue(sound), _dialogue(path))
    if late is not None and abs(late) > _LATE_MS:
        when = "late" if late > 0 else "early"
        raise track.refuse(
            f"runs {abs(late):.0f} ms {when} against the programme",
            "Export it from the same start as the programme, or with its timecode.",
        )


def _dialogue(path: Path) -> NDArray[np.float32]:
    """Read two minutes from the middle of the file, mono."""
    with Pcm24Reader(path) as reader:
        count = min(reader.length, _LOOKED_AT)
        start = max(0, (reader.length - count) // 2)
        mono: NDArray[np.float32] = from_int24(reader.read_int(start, count)).mean(axis=0)
        return mono


def _lateness(mix: NDArray[np.float32], track: NDArray[np.float32]) -> float | None:
    """Measure by how many ms `track` is later than its own sound in `mix`; None when that is unclear."""
    if min(mix.size, track.size) < SAMPLE_RATE or not track.any() or not mix.any():
        return None
    # It takes a second to load, and only users with tracks of their own need it.
    from scipy.signal import correlate, correlation_lags, decimate

    mix, track = (decimate(x.astype(np.float64), _COARSE, ftype="fir") for x in (mix, track))
    score = np.abs(correlate(track, mix, method="fft")) / (np.linalg.norm(mix) * np.linalg.norm(track))
    lags = correlation_lags(track.size, mix.size)
    near = np.abs(lags) <= _FURTHEST // _COARSE
    best = int(np.argmax(np.where(near, score, 0)))
    return float(lags[best]) * _COARSE * 1000 / SAMPLE_RATE if score[best] >= _CLEAR else None


def _contains(sound: Path, dx: Path) -> bool:
    """Tell whether the mix holds the dialogue at the same level, so that subtracting it leaves none."""
    product = power = 0.0
    with Pcm24Reader(sound) as mix, Pcm24Reader(dx) as track:
        channels = list(dialogue_channels(mix.channels))
        for at in range(0, track.length, _BLOCK):
            voice = track.read_int(at, _BLOCK)[0].astype(np.float64)
            whole = mix.read_int(at, _BLOCK)[channels].mean(axis=0)
            product += float(voice @ whole)
            power += float(voice @ voice)
    return power > 0 and abs(product / power - 1) < _SAME_LEVEL
