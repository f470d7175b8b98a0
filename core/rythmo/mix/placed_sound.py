"""Make the placed sound of a line: its take trimmed, stretched, levelled and faded, as a file of its own.

The timeline's item and the stems both play `takes/placed/<take file name>`, so they cannot differ. The file
starts at the placement's start and is as long as the placement.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.errors import MediaError
from rythmo.media.audio import Audio
from rythmo.media.bwf import Bext, BwfWriter, build_ixml
from rythmo.media.riff import read_header
from rythmo.media.wav import read_audio, to_int24
from rythmo.mix.room_acoustics import Room, apply_room
from rythmo.mix.stretch import Method, choose_method, stretch
from rythmo.mix.take_check import check_take
from rythmo.project.sound_sums import SoundSums
from rythmo.project_paths import path_in
from rythmo.script.model import Line, Programme, Script
from rythmo.script.takes import Piece, Placement, Take, TakeKind
from rythmo.timebase import time_reference

Mono = NDArray[np.float32]

FOLDER = Path("takes", "placed")
# Part of a placed file's key: raise it when the same placement begins to sound different.
_VERSION = 1
# The key stands within these first bytes.
_HEADER = 8192
_MARK = "rythmo-placed "
_KEY = re.compile(_MARK.encode() + rb"([0-9a-f]{64})")
_FADE_OUT = 0.015
# The highest sample that 24 bits hold.
_FULL = 1 - 2**-23
# Where a take is cut in the middle of sound (it ends without a decay), only a click is taken away.
_FADE_CUT = 0.003


@dataclass(frozen=True, slots=True)
class PlacedSound:
    """A placed sound and its key: two with the same key hold the same sound."""

    path: Path
    key: str


@dataclass(frozen=True, slots=True)
class Marker:
    """A watermark for sounds that a machine spoke.

    `stamp` is part of the keys of placed sounds; `mark` returns the sound with the mark.
    """

    stamp: str
    mark: Callable[[Audio], Audio]


def placed_path(take: Take) -> Path:
    """Return the path of a take's placed sound, relative to the project."""
    return FOLDER / Path(take.file).name


def place_line(
    project: Path,
    script: Script,
    line: Line,
    method: Method = Method.AUTO,
    *,
    room: Room | None = None,
    handle: int = 0,
    marker: Marker | None = None,
    sounds: SoundSums | None = None,
) -> PlacedSound:
    """Write the placed sound of the line's chosen take, unless it is there already.

    The line must have a take and a placement. With a `room` the take sounds as if spoken there. `handle` is
    the number of samples before and after, from the take or silent; the file's TimeReference is earlier by as
    much. A `marker` marks takes that an engine spoke. With `sounds`, a file whose checksum is not the
    recorded one is written again. Raises EngineFailedError for an unusable take, MediaError for an unreadable
    one, OutputError.
    """
    take, placement = line.take, line.placement
    if take is None or placement is None:
        raise ValueError(f"{line.id} has no take or no placement")
    target = path_in(project, placed_path(take))
    reference = time_reference_of(script.programme) + placement.start
    handle = min(handle, reference)
    marker = marker if take.kind is TakeKind.SYNTHETIC else None
    others = (script.programme.sample_rate, reference, room, handle, *((marker.stamp,) if marker else ()))
    note = _key_note(project, take, placement, method, others)
    made = PlacedSound(target, note.removeprefix(_MARK))
    if _is_current(target, note) and (sounds is None or sounds.holds(target)):
        return made
    rate = script.programme.sample_rate
    recorded = read_audio(path_in(project, take.file))
    if take.is_original:
        sound = render_original(recorded, placement, rate, handle=handle)
    else:
        sound = render_take(recorded, placement, rate, method, room=room, handle=handle)
    if marker is not None:
        sound = mark_sound(sound, rate, marker)
    samples = to_int24(sound[np.newaxis])
    bext = Bext(
        description=f"{line.id} {take.id} {script.speaker(line.speaker).name}",
        time_reference=reference - handle,
    )
    text = build_ixml(
        scene=script.programme.name,
        take=take.id,
        track_names=(line.speaker,),
        line=line.id,
        speaker=line.speaker,
        project=script.programme.name,
        note=note,
    )
    with BwfWriter(target, rate, 1, bext, text, samples.shape[1]) as writer:
        writer.write(samples)
    if sounds is not None:
        sounds.record(target)
    return made


def mark_sound(sound: Mono, rate: int, marker: Marker) -> Mono:
    """Return the sound with its mark, which is turned down where it would clip."""
    marked: Mono = marker.mark(Audio(sound[np.newaxis], rate)).samples[0]
    over = np.abs(marked) > _FULL
    if not over.any():
        return marked
    room = np.maximum(0, _FULL - np.abs(sound[over]))
    share = float((room / (np.abs(marked[over]) - np.abs(sound[over]) + 1e-9)).min())
    return np.asarray(sound + np.float32(min(1.0, share)) * (marked - sound), np.float32)


def time_reference_of(programme: Programme) -> int:
    """Return the programme's first sample in samples since midnight."""
    return time_reference(programme.start_frame, programme.rate, programme.sample_rate)


def _key_note(
    project: Path, take: Take, placement: Placement, method: Method, others: tuple[object, ...]
) -> str:
    """Return the key of everything that the placed sound depends on."""
    # A take is never overwritten, and its own key stands for its sound: no need to read it again.
    digest = hashlib.sha256(take.key.encode() or path_in(project, take.file).read_bytes())
    # The representations of Piece, Method and Room are part of the key on disk: renaming these classes would
    # make every placed sound anew.
    parts = (
        take.file,
        placement.start,
        placement.end,
        placement.gain_db,
        placement.pieces,
        choose_method(method) if _is_stretched(placement) else "",
        *others,
        _VERSION,
    )
    digest.update(repr(parts).encode())
    return _MARK + digest.hexdigest()


def _is_stretched(placement: Placement) -> bool:
    """Tell whether the stretcher matters: it does not for a line that plays as it was spoken."""
    pieces = placement.pieces
    return not pieces or any(
        piece.end - piece.start != piece.source_end - piece.source_start for piece in pieces
    )


def _is_current(target: Path, note: str) -> bool:
    """Tell whether the file is whole and was made from the same input; its key stands in the header."""
    if not target.is_file():
        return False
    try:
        read_header(target)
    except MediaError:
        return False
    with target.open("rb", buffering=0) as file:
        return note.encode() in file.read(_HEADER)


def read_placed_key(path: Path) -> str:
    """Return the key in a placed file's header, or a hash of the content where there is none.

    Two files with the same key hold the same sound.
    """
    with path.open("rb") as file:
        if found := _KEY.search(file.read(_HEADER)):
            return found[1].decode()
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()


def render_take(
    take: Audio,
    placement: Placement,
    rate: int,
    method: Method = Method.AUTO,
    *,
    room: Room | None = None,
    handle: int = 0,
) -> Mono:
    """Render a placed line: float32, at `rate`, as long as the placement and two handles.

    Raises EngineFailedError for an unusable take.
    """
    heard = check_take(take, rate=rate)
    # Without a plan the whole of the speech plays.
    whole = Piece(heard.spoken.start, heard.spoken.end, placement.start, placement.end)
    pieces = placement.pieces or (whole,)
    out = np.zeros(placement.end - placement.start, np.float32)
    for piece in pieces:
        at = piece.start - placement.start
        out[at : at + piece.end - piece.start] = _stretch_phrase(heard.samples, piece, rate, method)
    if room is not None:
        out = _fade_out(apply_room(out, room, rate), rate)
    head = heard.samples[max(0, pieces[0].source_start - handle) : pieces[0].source_start]
    tail = heard.samples[pieces[-1].source_end :][:handle]
    out = np.concatenate([np.pad(head, (handle - head.size, 0)), out, np.pad(tail, (0, handle - tail.size))])
    return out * np.float32(10 ** (placement.gain_db / 20))


def render_original(take: Audio, placement: Placement, rate: int, *, handle: int = 0) -> Mono:
    """Render original sound that stays in the dub: unchanged, but faded in and out where it is cut."""
    sound = take.mono().at_rate(rate).samples[0][: placement.end - placement.start].copy()
    fade = min(sound.size // 2, round(_FADE_OUT * rate))
    ramp = np.linspace(0.0, 1.0, fade, dtype=np.float32)
    sound[:fade] *= ramp
    sound[sound.size - fade :] *= ramp[::-1]
    missing = placement.end - placement.start - sound.size
    whole = np.pad(sound, (handle, handle + missing))
    return whole * np.float32(10 ** (placement.gain_db / 20))


def _stretch_phrase(samples: Mono, piece: Piece, rate: int, method: Method) -> Mono:
    source = samples[piece.source_start : piece.source_end]
    return _fade_out(stretch(source, rate, piece.end - piece.start, method), rate)


def _fade_out(samples: Mono, rate: int) -> Mono:
    """Fade out over the decay that trimming left. There is no fade at the head, which would eat a consonant.

    Trimming starts 50 dB below the peak, so the first sample makes no click.
    """
    length = min(samples.size, round((_FADE_OUT if _ends_in_decay(samples, rate) else _FADE_CUT) * rate))
    out = samples.copy()
    out[samples.size - length :] *= np.cos(np.linspace(0, np.pi / 2, length, endpoint=True)).astype(
        np.float32
    )
    return out


def _ends_in_decay(samples: Mono, rate: int) -> bool:
    tail = samples[-round(_FADE_OUT * rate) :]
    return bool(tail.size and np.abs(tail).max() < 0.05 * max(1e-9, float(np.abs(samples).max())))
