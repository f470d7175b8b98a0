"""Measure how far each speaker's mouth moves with the original and with the dub, also with new lips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from rythmo.engines.base import Kind
from rythmo.errors import EngineMissingError
from rythmo.faces.face_map import FaceMap
from rythmo.faces.mouth import (
    Floats,
    MouthCurve,
    MouthSync,
    find_best_lag,
    follow_mouth,
    measure_envelope,
)
from rythmo.faces.speaking import margin_of
from rythmo.lips.lip_map import LipMap
from rythmo.lips.units import SeenFaces
from rythmo.media.wav import WavReader
from rythmo.mix.render import FOLDER
from rythmo.qc.report_model import LineMeasures, QcReport
from rythmo.script.model import Line, Script
from rythmo.stages.context import Context
from rythmo.stages.faces import load_faces
from rythmo.stages.lip_mouths import replace_openings
from rythmo.stages.lips import load_lips
from rythmo.stages.seen_faces import load_seen
from rythmo.stages.syncnet_lines import Material, add_syncnet
from rythmo.timebase import find_frame, frames_to_samples


@dataclass(frozen=True, slots=True, eq=False)
class SpeakerMouths:
    """The mouths of each speaker over the programme, and the lag of its file in frames."""

    rate: Fraction
    lag: int
    curves: Mapping[str, Sequence[MouthCurve]]

    def cut(self, speaker: str, first: int, last: int) -> Floats:
        """Return the mouth of a speaker in frames [first, last); NaN where it is not seen."""
        out = np.full(max(0, last - first), np.nan)
        for curve in self.curves.get(speaker, ()):
            part = curve.cut(first, last)
            out = np.where(np.isfinite(part), part, out)
        return out


def load_mouths(context: Context, lips: LipMap | None = None) -> SpeakerMouths | None:
    """Return the mouths that were found before; None where nobody looked, or where the cache was cleared.

    With `lips`, they are the mouths as they are in its clips. Raises EngineMissingError then when no face
    tracker is ready.
    """
    faces = load_faces(context.project)
    seen = load_seen(context.artefacts, faces) if faces is not None else None
    return _follow_mouths(faces, seen, context, lips) if faces is not None and seen is not None else None


def _follow_mouths(
    faces: FaceMap, seen: SeenFaces, context: Context, lips: LipMap | None = None
) -> SpeakerMouths:
    rows = seen.rows if lips is None else replace_openings(seen.rows, seen.tracks, lips, context)
    curves: dict[str, list[MouthCurve]] = {}
    for track in seen.tracks:
        speaker = seen.speakers.get(seen.people[track.number], "")
        if speaker:
            curves.setdefault(speaker, []).append(follow_mouth(track, rows, seen.rate))
    return SpeakerMouths(Fraction(faces.rate), faces.lag, curves)


def add_lips(report: QcReport, script: Script, original: Path | None, context: Context) -> QcReport:
    """Return the report with what the picture shows of each line, and its mouth against both sounds.

    `original` is the programme's sound, which only SyncNet is shown.
    """
    if not any(line.on_screen for line in script.lines):
        return report
    faces, lips = load_faces(context.project), load_lips(context.project)
    seen = load_seen(context.artefacts, faces) if faces is not None else None
    mouths = new = None
    if faces is not None and seen is not None:
        mouths, new = _follow_mouths(faces, seen, context), _follow_new_mouths(faces, seen, lips, context)
    known = {line.id: line for line in script.lines}
    with ExitStack() as stack:
        stems = _open_stems(script, context, stack) if mouths else {}
        lines = tuple(
            _add_new_lips(_add_to_line(one, known[one.id], mouths, stems), known[one.id], lips, new, stems)
            if one.id in known
            else one
            for one in report.lines
        )
        if faces is not None and seen is not None:
            lines = add_syncnet(lines, script, Material(faces, seen, lips, stems, original), context)
    return replace(report, lines=lines)


def _open_stems(script: Script, context: Context, stack: ExitStack) -> dict[str, WavReader]:
    folder = context.project.root / FOLDER
    paths = {speaker.id: folder / f"DX_{speaker.id}.wav" for speaker in script.speakers}
    return {name: stack.enter_context(WavReader(path)) for name, path in paths.items() if path.is_file()}


def _add_to_line(
    found: LineMeasures, line: Line, mouths: SpeakerMouths | None, stems: Mapping[str, WavReader]
) -> LineMeasures:
    seen = line.on_screen
    if seen is None:
        return found
    found = replace(
        found, on_screen=seen.presence.value, sync_original=seen.sync, sync_original_ms=seen.lag_ms
    )
    stem = stems.get(line.speaker)
    if mouths is None or stem is None or line.heard_range is None or line.clip.muted:
        return found
    sync = measure_sync(mouths, line.speaker, line.heard_range, stem)
    if sync is None:
        return found
    lag_ms = round(sync.lag * 1000 / float(mouths.rate))
    return replace(found, sync_dub=round(sync.correlation, 3), sync_dub_ms=lag_ms)


def _follow_new_mouths(
    faces: FaceMap, seen: SeenFaces, lips: LipMap | None, context: Context
) -> SpeakerMouths | None:
    if lips is None or not lips.clips:
        return None
    with suppress(EngineMissingError):
        context.engines.spec(Kind.FACE_TRACKER)
        # Where the file's sound is late, new lips are not: they were made for where the dub is heard.
        return replace(_follow_mouths(faces, seen, context, lips), lag=0)
    return None


def _add_new_lips(
    found: LineMeasures,
    line: Line,
    lips: LipMap | None,
    mouths: SpeakerMouths | None,
    stems: Mapping[str, WavReader],
) -> LineMeasures:
    """Add what happened to the line's lips, and how far the new ones move with the dub."""
    if lips is None:
        return found
    found = replace(found, lips=lips.describe_line(line.id))
    stem = stems.get(line.speaker)
    if mouths is None or stem is None or line.heard_range is None or not lips.find_parts(line.id):
        return found
    sync = measure_sync(mouths, line.speaker, line.heard_range, stem)
    if sync is None:
        return found
    lag_ms = round(sync.lag * 1000 / float(mouths.rate))
    return replace(found, sync_lips=round(sync.correlation, 3), sync_lips_ms=lag_ms)


def measure_sync(
    mouths: SpeakerMouths, speaker: str, heard: tuple[int, int], stem: WavReader
) -> MouthSync | None:
    """Compare a speaker's mouth with their stem over [start, end) in samples; None where it is not seen."""
    rate, margin = mouths.rate, margin_of(float(mouths.rate))
    first, last = find_frame(heard[0], rate) - margin, find_frame(heard[1], rate) + 1 + margin
    mouth = mouths.cut(speaker, first, last)
    if not np.isfinite(mouth).any():
        return None
    start, end = max(0, frames_to_samples(first, rate)), frames_to_samples(last, rate)
    samples = stem.read(start, end - start)[0]
    envelope = measure_envelope(samples, start, first, last, rate)
    return find_best_lag(mouth, envelope, float(rate), mouths.lag)
