"""Short sounds for the report: each flagged line as it is now, and as it was, with a little around it."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rythmo.media.audio import Audio
from rythmo.media.wav import WavReader
from rythmo.qc.model import LineMeasures, QcReport
from rythmo.script.model import Severity

_AROUND_SECONDS = 0.6
_LONGEST_SECONDS = 20
_RATE = 24_000
_MOST = 80
"""Lines; a report of more stays an e-mail's size by leaving the milder ones silent."""

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Clip:
    """MP3, mono: the mix around a line, and the original there when it is known."""

    dubbed: bytes
    original: bytes | None


def cut_clips(report: QcReport, project: Path, original: Path | None = None) -> dict[str, Clip]:
    """A clip for every flagged line, the worst ones first, at most 80. None without a mix."""
    mix = project / "stems" / "MIX.wav"
    if not mix.is_file():
        return {}
    lines = {line.id: line for line in report.lines}
    flagged = sorted(
        (found for found in report.findings if found.line in lines), key=lambda found: _ORDER[found.severity]
    )
    chosen = list(dict.fromkeys(found.line for found in flagged if found.line is not None))[:_MOST]
    dubbed = _cut(mix, [lines[name] for name in chosen])
    before = _cut(original, [lines[name] for name in chosen]) if original is not None else {}
    return {name: Clip(dubbed[name], before.get(name)) for name in chosen}


def _cut(path: Path, lines: Iterable[LineMeasures]) -> dict[str, bytes]:
    with WavReader(path) as reader:
        return {line.id: _encoded(_around(line, reader)) for line in lines}


def _around(line: LineMeasures, reader: WavReader) -> Audio:
    margin = round(_AROUND_SECONDS * reader.rate)
    start = max(0, (line.start if line.placed_start is None else line.placed_start) - margin)
    end = max(line.end, line.placed_end or 0) + margin
    count = min(end - start, _LONGEST_SECONDS * reader.rate)
    return Audio(reader.read(start, count), reader.rate)


def _encoded(sound: Audio) -> bytes:
    import soundfile

    mono = sound.mono().at_rate(_RATE)
    buffer = io.BytesIO()
    soundfile.write(buffer, mono.samples[0], _RATE, format="MP3", subtype="MPEG_LAYER_III")
    return buffer.getvalue()
