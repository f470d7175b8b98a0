"""The results of quality control, as values; `report.json` is one `QcReport`. See docs/report-schema.md.

Positions and lengths are samples at `sample_rate`, from the programme's first frame. A measure that could not
be taken (no recogniser, no original, silence) is None, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass

from rythmo.faces.sync_offset import SyncOffset
from rythmo.script.model import Flag, Severity
from rythmo.script.takes import TakeKind

VERSION = 1
"""Raised when a field changes its meaning or is removed. New fields do not raise it."""

TimedText = tuple[int, int, str]
"""A subtitle: [start, end) in samples, and its text with line breaks."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should look at. `line` is None for a finding that does not belong to one line."""

    line: str | None
    position: int
    severity: Severity
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class SyncNetFigures:
    """SyncNet's figures of one line: of the original, of the dub with the lips as filmed, and with new lips.

    The faces are cut around our own boxes, so the figures are not to be compared with those of papers.
    """

    original: SyncOffset | None = None
    dub: SyncOffset | None = None
    lips: SyncOffset | None = None


@dataclass(frozen=True, slots=True)
class LineMeasures:
    """One line, measured in its speaker's delivered stem.

    `fit` is the placed length over the original line's, `slot_fill` the placed length over the line's slot.
    `speed` is relative to the voice's own pace, whether the engine or a stretch changed it. `placement_ms` is
    how much later than the line's start its sound begins. `word_error` is the share of words that a
    recogniser heard differently. `likeness` is the cosine to the same speaker's other lines, `likeness_other`
    the highest one to another speaker.
    """

    id: str
    speaker: str
    text: str
    translation: str
    start: int
    end: int
    placed_start: int | None = None
    placed_end: int | None = None
    slot_end: int | None = None
    take: str | None = None
    reason: str = ""
    fit: float | None = None
    slot_fill: float | None = None
    speed: float | None = None
    gain_db: float | None = None
    placement_ms: float | None = None
    loudness_lufs: float | None = None
    peak_dbfs: float | None = None
    clipped_samples: int = 0
    silent: bool = False
    self_overlap: int = 0
    word_error: float | None = None
    heard: str | None = None
    likeness: float | None = None
    likeness_other: float | None = None
    mos: float | None = None
    flags: tuple[Flag, ...] = ()
    after_original_ms: float | None = None
    """How much later than the original's speech the dub's begins, both measured in the sound."""
    heard_language: str | None = None
    """The language in which a recogniser heard most of it."""
    confidence: float | None = None
    """The recogniser's own confidence, from 0 to 1: the mean over its words."""
    below_speaker_lu: float | None = None
    """How far its loudness lies below the median of the same speaker's lines."""
    on_screen: str | None = None
    """Whether the picture shows its speaker: "on", "partly", "off" or "unclear"; None: nobody looked."""
    sync_original: float | None = None
    """The correlation of the speaker's mouth with the original's sound, -1 to 1; in `sync_original_ms` how
    much later than the mouth the sound comes. `sync_dub` and `sync_dub_ms`: the same of the dub."""
    sync_original_ms: int | None = None
    sync_dub: float | None = None
    sync_dub_ms: int | None = None
    lips: str | None = None
    """How many seconds of new lips it has, and why other frames have none; None where none were made."""
    sync_lips: float | None = None
    """As `sync_dub`, with the new lips in the picture; also `sync_lips_ms`."""
    sync_lips_ms: int | None = None
    syncnet: SyncNetFigures | None = None
    """What SyncNet says; None where its weights are not on the machine."""
    voice: TakeKind | None = None
    """What is heard in its take: a person, an engine, or the original; None without a take."""

    @property
    def syncnet_original(self) -> float | None:
        """SyncNet's confidence of the original."""
        found = self.syncnet.original if self.syncnet else None
        return found.confidence if found else None

    @property
    def syncnet_dub(self) -> float | None:
        """SyncNet's confidence of the dub with the lips as they were filmed."""
        found = self.syncnet.dub if self.syncnet else None
        return found.confidence if found else None

    @property
    def syncnet_lips(self) -> float | None:
        """SyncNet's confidence of the dub with new lips."""
        found = self.syncnet.lips if self.syncnet else None
        return found.confidence if found else None


@dataclass(frozen=True, slots=True)
class Fit:
    """How the lines fill their time. The band is -10% to +20% of the original line's length."""

    lines: int
    placed: int
    in_band: int
    share_in_band: float | None
    fastest: float | None
    slowest: float | None
    histogram: tuple[tuple[float, int], ...]
    """(lower edge of the bin in fit, lines), bins of 0.1 from 0 to 2; the last one has all above."""


@dataclass(frozen=True, slots=True)
class Levels:
    """One stem after BS.1770-4: LUFS, dBTP (of the mix only), dBFS; None where it is silent."""

    stem: str
    integrated_lufs: float | None
    momentary_max_lufs: float | None
    true_peak_dbtp: float | None
    sample_peak_dbfs: float | None
    clipped_samples: int
    dc_offset: float = 0.0
    """Mean of the samples as a share of full scale, in the channel where it is furthest from zero."""


@dataclass(frozen=True, slots=True)
class Aim:
    """The loudness that the delivery should have, and the one it has.

    In LUFS over the programme, or over its dialogue alone (`by_dialogue`). `tolerance` is in LU, the highest
    true peak in dBTP.
    """

    name: str
    lufs: float
    tolerance: float
    true_peak_dbtp: float
    by_dialogue: bool
    measured_lufs: float | None


@dataclass(frozen=True, slots=True)
class Region:
    """One stretch where the bed replaces the original.

    `residue_db`: how far below the original voice lies what still sounds like it. `hollow_db`: how far the
    bed falls below the room tone on either side.
    """

    start: int
    end: int
    residue_db: float | None
    hollow_db: float | None


@dataclass(frozen=True, slots=True)
class Stems:
    """How far the stems agree, in 24-bit steps.

    `outside_changed` counts samples of the M&E outside dialogue that differ from the original.
    """

    missing: tuple[str, ...]
    sum_error_steps: int | None
    speakers_sum_error_steps: int | None
    outside_changed: int | None
    lengths_differ: bool


@dataclass(frozen=True, slots=True)
class SubtitleMeasures:
    """Measures of one language's subtitles against the project's norms, else Netflix timed text."""

    language: str
    cues: int
    fastest_cps: float | None
    longest_line: int
    too_fast: int
    too_long: int
    too_short: int
    gaps_too_small: int


@dataclass(frozen=True, slots=True)
class Paid:
    """What one remote engine did in all runs of the project, and its cost in `currency` by the price table.

    `amount` is None where the price is not known.
    """

    kind: str
    engine: str
    model: str
    requests: int
    retries: int
    units: tuple[tuple[str, float], ...]
    amount: float | None
    currency: str


@dataclass(frozen=True, slots=True)
class QcReport:
    """Everything that was measured on one delivery."""

    version: int
    programme: str
    source_language: str
    target_language: str
    sample_rate: int
    length: int
    frame_rate: str
    start_frame: int
    drop: bool
    speakers: tuple[tuple[str, str, str], ...]
    """(id, name, colour)"""
    engines: tuple[tuple[str, str], ...]
    lines: tuple[LineMeasures, ...]
    fit: Fit
    levels: tuple[Levels, ...]
    loudness_curve: tuple[float | None, ...]
    """Momentary loudness of the MIX in LUFS, the highest of each second; None in silence."""
    stems: Stems
    regions: tuple[Region, ...]
    residue_db: float | None
    subtitles: tuple[SubtitleMeasures, ...]
    findings: tuple[Finding, ...]
    aim: Aim | None
    """None where the mix keeps the loudness of the original."""
    paid: tuple[Paid, ...]
    """Remote engines; empty where everything ran on this machine."""
    provenance: str
    """Which delivered files are signed and by whom, in one sentence."""
    disclosure: str
    """That voices are a machine's, in the language of the dub; "" where the report shall not say it."""
