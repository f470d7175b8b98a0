"""Cut short sounds for the report: lines and flagged stretches of the bed, from the dub and the original."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rythmo.executors import count_cores, start_workers
from rythmo.media.audio import Audio
from rythmo.media.wav import WavReader
from rythmo.progress import NEVER
from rythmo.qc.report_model import Finding, LineMeasures, QcReport
from rythmo.script.model import Severity

_AROUND_SECONDS = 0.6
_LONGEST_SECONDS = 20
_RATE = 24_000
# Sounds. A longer report leaves out the milder ones, so that it stays small enough for an e-mail.
_MOST = 80
_OF_THE_BED = ("residue", "hollow")

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Clip:
    """An MP3, mono: the mix around a line, or the M&E of a stretch, and the original there if it is known."""

    dubbed: bytes
    original: bytes | None
    label: str = "Dub"


@dataclass(frozen=True, slots=True)
class _Cut:
    """A sound to cut out: [start, end) in samples, of the mix or of the M&E."""

    name: str
    start: int
    end: int
    bed: bool = False


def name_clip(found: Finding) -> str:
    """Return the name of the clip that goes with a finding."""
    return found.line or f"bed-{found.position}"


def cut_clips(report: QcReport, project: Path, original: Path | None = None) -> dict[str, Clip]:
    """Cut a clip for every audible finding, the worst ones first, then for the other lines; at most 80.

    Without a mix there are none.
    """
    mix, me = (project / "stems" / f"{name}.wav" for name in ("MIX", "ME"))
    if not mix.is_file():
        return {}
    chosen = _choose_cuts(report, with_bed=me.is_file())
    dubbed = {
        **_cut_sounds(mix, [cut for cut in chosen if not cut.bed]),
        **_cut_sounds(me, [cut for cut in chosen if cut.bed]),
    }
    before = _cut_sounds(original, chosen) if original is not None else {}
    return {
        cut.name: Clip(dubbed[cut.name], before.get(cut.name), "M&E" if cut.bed else "Dub") for cut in chosen
    }


def _choose_cuts(report: QcReport, *, with_bed: bool) -> list[_Cut]:
    lines = {line.id: line for line in report.lines}
    regions = {region.start: region for region in report.regions} if with_bed else {}
    found: dict[str, _Cut] = {}
    for finding in sorted(report.findings, key=lambda finding: _ORDER[finding.severity]):
        name = name_clip(finding)
        if finding.line in lines:
            found.setdefault(name, _line_cut(lines[finding.line]))
        elif finding.code in _OF_THE_BED and finding.position in regions:
            region = regions[finding.position]
            found.setdefault(name, _Cut(name, region.start, region.end, bed=True))
    for line in report.lines:
        found.setdefault(line.id, _line_cut(line))
    return list(found.values())[:_MOST]


def _line_cut(line: LineMeasures) -> _Cut:
    start = line.start if line.placed_start is None else line.placed_start
    return _Cut(line.id, start, max(line.end, line.placed_end or 0))


def _cut_sounds(path: Path, cuts: Sequence[_Cut]) -> dict[str, bytes]:
    if not cuts:
        return {}
    with WavReader(path) as reader, start_workers(count_cores(), NEVER) as pool:
        encoded = [(cut.name, pool.start(_encode_mp3, _read_around(cut, reader))) for cut in cuts]
        return {name: clip.result() for name, clip in encoded}


def _read_around(cut: _Cut, reader: WavReader) -> Audio:
    margin = round(_AROUND_SECONDS * reader.rate)
    start = max(0, cut.start - margin)
    count = min(cut.end + margin - start, _LONGEST_SECONDS * reader.rate)
    return Audio(reader.read(start, count), reader.rate)


def _encode_mp3(sound: Audio) -> bytes:
    import soundfile

    mono = sound.mono().at_rate(_RATE)
    buffer = io.BytesIO()
    soundfile.write(buffer, mono.samples[0], _RATE, format="MP3", subtype="MPEG_LAYER_III")
    return buffer.getvalue()
