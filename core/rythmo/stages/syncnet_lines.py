"""Add SyncNet's figures to the lines of a report: the original, the dub with old lips, and with new ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.errors import RythmoError
from rythmo.faces.face_map import FaceMap
from rythmo.faces.sync_offset import SyncOffset
from rythmo.lips.lip_map import LipClip, LipMap
from rythmo.lips.units import SeenFaces
from rythmo.media.probe import probe
from rythmo.media.wav import WavReader
from rythmo.qc.report_model import LineMeasures, SyncNetFigures
from rythmo.script.model import Line, Script
from rythmo.stages import ingest
from rythmo.stages.context import Context
from rythmo.stages.syncnet_measures import Sight, SyncNetMeter, open_meter

Range = tuple[int, int]
Measure = Callable[[Range, Sight, WavReader], SyncOffset | None]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What is measured: the faces, the lips that were made, the speakers' stems, the programme's sound."""

    faces: FaceMap
    seen: SeenFaces
    lips: LipMap | None
    stems: Mapping[str, WavReader]
    original: Path | None


def add_syncnet(
    lines: tuple[LineMeasures, ...], script: Script, material: Material, context: Context
) -> tuple[LineMeasures, ...]:
    """Return the lines with SyncNet's figures; as they are where its weights are not on this machine.

    The picture of a timeline is not looked at. Raises EngineFailedError for weights of another network.
    """
    meter = open_meter(material.seen, Fraction(material.faces.rate))
    film = _open_film(script, context) if meter else None
    if meter is None or film is None:
        return lines
    known = {line.id: line for line in script.lines}
    with ExitStack() as stack:
        original = stack.enter_context(WavReader(material.original)) if material.original else None
        return tuple(
            _add(one, known[one.id], film, original, material, meter, context) if one.id in known else one
            for one in lines
        )


def _open_film(script: Script, context: Context) -> Sight | None:
    """Return the programme's picture; None where it is a timeline's, has moved, or may not be read."""
    with suppress(RythmoError, OSError):
        info = ingest.reopen_source(script, context.project)
        if info.video is not None:
            return Sight(info, 0, context.artefacts.source_digest(info.path))
    return None


def _add(
    found: LineMeasures,
    line: Line,
    film: Sight,
    original: WavReader | None,
    material: Material,
    meter: SyncNetMeter,
    context: Context,
) -> LineMeasures:
    def measure(heard: Range, sight: Sight, sound: WavReader) -> SyncOffset | None:
        return meter.measure(line.speaker, heard, sight, lambda start, end: _read(sound, start, end), context)

    stem, heard = material.stems.get(line.speaker), line.heard_range
    is_heard = stem is not None and heard is not None and not line.clip.muted
    clip = _open_clip(line, material.lips, context) if is_heard else None
    figures = SyncNetFigures(
        measure(line.original_range, film, original) if original else None,
        measure(heard, film, stem) if is_heard and heard and stem else None,
        measure(heard, clip, stem) if clip and heard and stem else None,
    )
    return replace(found, syncnet=figures) if figures != SyncNetFigures() else found


def _open_clip(line: Line, lips: LipMap | None, context: Context) -> Sight | None:
    """Return the longest clip of the line's new lips."""
    clips = [clip for clip in lips.clips if line.id in clip.lines] if lips else []
    longest: LipClip | None = max(clips, key=lambda clip: clip.last - clip.first, default=None)
    if longest is None:
        return None
    path = context.project.file(longest.file)
    if not path.is_file():
        return None
    return Sight(probe(path, need_sound=False), longest.first - longest.head, longest.key)


def _read(sound: WavReader, start: int, end: int) -> NDArray[np.float32]:
    """Return mono samples [start, end); silence outside the file."""
    out = np.zeros(end - start, np.float32)
    low, high = max(0, start), min(end, sound.length)
    if low < high:
        out[low - start : high - start] = sound.read(low, high - low).mean(axis=0)
    return out
