"""Measure single lines in the delivered stems.

Pure on arrays; files come through the reader that is passed in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from rythmo.media.activity import find_activity
from rythmo.media.audio import replace_nonnumbers
from rythmo.media.wav import WavReader
from rythmo.mix.loudness import measure_level
from rythmo.qc.known_figures import EVERYTHING, Figures, Remember, Span, ends_within, measure_anew
from rythmo.qc.report_model import LineMeasures
from rythmo.script.model import Line
from rythmo.script.takes import TakeKind

Mono = NDArray[np.float32]

_SILENT = 10 ** (-60 / 20)
_FULL_SCALE = 1.0 - 2**-20
# Samples in a row at full scale that count as clipping; see count_clipped.
_CLIP_RUN = 3
# Seconds before a line in which its own onset and the original's are looked for.
_LOOK_BACK = 0.25
_ORIGINAL_REACH = 0.4
# Seconds; sound this close to the window's beginning began before it.
_UNSEEN = 0.02
_FEWEST_LINES = 3
Channels = NDArray[np.float32]
"""Shape (channels, samples)."""


def measure_lines(
    lines: Sequence[Line],
    stems: Mapping[str, WavReader],
    remember: Remember = measure_anew,
    within: Span = EVERYTHING,
) -> tuple[LineMeasures, ...]:
    """Measure every line that ends `within` that span in its speaker's stem.

    `stems` by speaker id, lines in order of start.
    """
    overlaps = find_self_overlaps(lines)
    ends: dict[str, int] = {}
    measured = []
    for line in lines:
        stem = stems.get(line.speaker)
        found = describe_line(line)
        if stem is not None and line.placement is not None and not line.clip.muted:
            if ends_within(line.placement.end, within):
                found = measure_sound(found, line, stem, ends.get(line.speaker, 0), remember)
            ends[line.speaker] = max(line.placement.end, ends.get(line.speaker, 0))
        measured.append(replace(found, self_overlap=overlaps.get(line.id, 0)))
    return tuple(measured)


def describe_line(line: Line) -> LineMeasures:
    """Return what the script says about the line, and the ratios that follow from it."""
    found = LineMeasures(
        line.id, line.speaker, line.text, line.translation, line.start, line.end, flags=line.flags
    )
    placement = line.placement
    if placement is None:
        return found
    length = placement.end - placement.start
    found = replace(
        found,
        placed_start=placement.start,
        placed_end=placement.end,
        slot_end=placement.slot_end,
        take=line.chosen,
        reason=placement.reason,
        voice=line.take.kind if line.take else None,
    )
    if line.take is not None and line.take.is_original:
        # The original itself fits by definition, and reaches around its line for breath and room.
        return found
    return replace(
        found,
        fit=_ratio(length, line.length),
        slot_fill=_ratio(length, placement.slot_end - placement.start),
        speed=round(placement.speed * placement.pace, 4),
        gain_db=placement.gain_db,
    )


def measure_sound(
    found: LineMeasures,
    line: Line,
    stem: WavReader,
    free_from: int,
    remember: Remember = measure_anew,
) -> LineMeasures:
    """Add measures of the line's sound in its stem.

    Before sample `free_from` an earlier line of the same speaker sounds.
    """
    assert line.heard_range is not None
    start, end = line.heard_range
    before = max(free_from, start - round(_LOOK_BACK * stem.rate), 0)
    before = min(before, start)
    sound = replace_nonnumbers(stem.read(before, end - before)[0])
    inside = sound[start - before :]
    peak = float(np.abs(inside).max(initial=0.0))
    if not peak >= _SILENT:
        return replace(found, silent=True)
    (loudness,) = remember("level", (inside,), lambda: (_find_level(inside, stem.rate),))
    return replace(
        found,
        placement_ms=None if found.fit is None else _placement_ms(sound, before, line, stem.rate, remember),
        loudness_lufs=None if loudness is None else round(loudness, 2),
        peak_dbfs=round(20 * math.log10(peak), 2),
        clipped_samples=count_clipped(inside),
    )


def _find_level(sound: Mono, rate: int) -> float | None:
    level = measure_level(sound, rate)
    return level if math.isfinite(level) else None


def _find_onset(sound: Mono, rate: int, remember: Remember) -> int | None:
    """Return the first sample of speech; None for silence."""

    def make() -> Figures:
        active = find_activity(sound, rate)
        return () if active is None else (active.start,)

    found = remember("onset", (sound,), make)
    return int(found[0]) if found and found[0] is not None else None


def _placement_ms(sound: Mono, before: int, line: Line, rate: int, remember: Remember) -> float:
    """Measure how much later than its line the speech in `sound`, which begins at `before`, sets in.

    A human take that lies where it was recorded against the picture is measured against that place.
    """
    assert line.placement is not None
    onset = before + (_find_onset(sound, rate, remember) or 0)
    wanted = line.placement.start if line.take and line.take.human else line.start
    return round((onset - wanted - line.clip.head) * 1000 / rate, 2)


def compare_with_original(
    measured: Sequence[LineMeasures],
    lines: Sequence[Line],
    speech: Callable[[int, int], Channels],
    rate: int,
    remember: Remember = measure_anew,
    within: Span = EVERYTHING,
) -> tuple[LineMeasures, ...]:
    """Add how much later each line begins than the original's speech, where that can be measured.

    Lines whose original does not end `within` that span get no figure.
    `speech` reads [start, end) of the original's speech as (1, n). A line whose onset lies within another
    line's sound gets no figure.
    """
    reach = round(_ORIGINAL_REACH * rate)
    spans = [line.original_range for line in lines]
    out = []
    for found, line in zip(measured, lines, strict=True):
        start, end = line.original_range
        before = max(0, start - reach)
        alone = sum(a < start + reach and before < b for a, b in spans) == 1 and ends_within(end, within)
        heard = _find_onset(replace_nonnumbers(speech(before, end)[0]), rate, remember) if alone else None
        # Sound at the window's beginning began somewhere before it.
        if heard is not None and heard < _UNSEEN * rate:
            heard = None
        if heard is not None and found.placement_ms is not None and line.said_at is None:
            is_human = found.voice is TakeKind.HUMAN and found.placed_start is not None
            late = (found.placed_start or 0) - line.start if is_human else 0
            later = found.placement_ms + (late + start - before - heard) * 1000 / rate
            out.append(replace(found, after_original_ms=round(later, 2)))
        else:
            out.append(found)
    return tuple(out)


def compare_with_speaker(measured: Sequence[LineMeasures]) -> tuple[LineMeasures, ...]:
    """Add how far each line is below the median loudness of its speaker's lines (at least three)."""
    levels: dict[str, list[float]] = {}
    for line in measured:
        if line.loudness_lufs is not None:
            levels.setdefault(line.speaker, []).append(line.loudness_lufs)
    usual = {speaker: median(own) for speaker, own in levels.items() if len(own) >= _FEWEST_LINES}
    return tuple(
        replace(line, below_speaker_lu=round(usual[line.speaker] - line.loudness_lufs, 2))
        if line.loudness_lufs is not None and line.speaker in usual
        else line
        for line in measured
    )


def find_self_overlaps(lines: Sequence[Line]) -> dict[str, int]:
    """Return, for each line, the samples that sound while the same speaker's earlier lines still do."""
    ends: dict[str, int] = {}
    overlaps: dict[str, int] = {}
    placed = [(line, line.placement) for line in lines if line.placement is not None]
    for line, placement in sorted(placed, key=lambda pair: (pair[1].start, pair[0].id)):
        until = ends.get(line.speaker, 0)
        if placement.start < until:
            overlaps[line.id] = min(until, placement.end) - placement.start
        ends[line.speaker] = max(until, placement.end)
    return overlaps


def count_clipped(sound: Mono) -> int:
    """Count samples in runs of three or more at full scale: a single one may be a true peak."""
    at_top = np.abs(sound) >= _FULL_SCALE
    edges = np.flatnonzero(np.diff(np.concatenate(([False], at_top, [False])).astype(np.int8)))
    runs = edges[1::2] - edges[::2]
    return int(runs[runs >= _CLIP_RUN].sum())


def word_error(said: str, heard: str) -> float:
    """Return the Levenshtein distance in words over the words said; 1.0 at most, 0.0 when both are empty.

    Case, punctuation and the encoding of accents do not count.
    """
    return _edit_share(_split_words(said), _split_words(heard))


def letter_error(said: str, heard: str) -> float:
    """Return the same error in letters, without spaces."""
    return _edit_share("".join(_split_words(said)), "".join(_split_words(heard)))


def _edit_share(wanted: Sequence[str], got: Sequence[str]) -> float:
    if not wanted:
        return 1.0 if got else 0.0
    row = list(range(len(got) + 1))
    for i, want in enumerate(wanted, 1):
        previous, row[0] = row[0], i
        for j, have in enumerate(got, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (want != have))
    return min(1.0, row[-1] / len(wanted))


def _split_words(text: str) -> list[str]:
    from unicodedata import normalize

    plain = normalize("NFC", text).casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return "".join(c if c.isalnum() or c == "'" else " " for c in plain).split()


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole > 0 else None
