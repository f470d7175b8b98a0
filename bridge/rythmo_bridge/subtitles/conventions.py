"""Turns lines of dialogue into subtitles: the norms, as settings, and the timing of cues. Pure.

The defaults follow Netflix's Timed Text Style Guide: two lines of 42 characters, 17 characters a second, 5/6
s to 7 s on screen, 2 frames between cues, and gaps below half a second closed to those 2 frames (at 24 frames
a second that is "3 to 11 frames"). Everything is planned in whole frames, so every in-time lies on a frame
border of the programme.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from rythmo.errors import UsageError
from rythmo.script.model import Line, Script
from rythmo.settings import SubtitleSettings
from rythmo.timebase import SAMPLE_RATE, frames_to_samples, nearest_frame
from rythmo_bridge.subtitles.cues import Cue
from rythmo_bridge.subtitles.line_breaks import (
    Layout,
    fits_layout,
    lay_out,
    layout_for,
    mark_direction,
    split_into_cues,
    text_width,
    without_italics,
)

_CPS = {"ja": 4, "zh": 9, "yue": 9, "ko": 12}


@dataclass(frozen=True, slots=True)
class Conventions:
    """The norms of one house. With None, `characters_per_second` and `line_width` follow the language."""

    line_width: int | None = None
    max_lines: int = 2
    characters_per_second: float | None = None
    min_seconds: Fraction = Fraction(5, 6)
    max_seconds: Fraction = Fraction(7)
    gap_frames: int = 2
    chain_seconds: Fraction = Fraction(1, 2)
    dual_speakers: bool = True
    speaker_labels: bool = False
    direction_marks: bool = True

    def speed(self, language: str) -> float:
        """Return the reading speed in characters a second."""
        return self.characters_per_second or _CPS.get(language, 17)


def conventions_of(settings: SubtitleSettings) -> Conventions:
    """Return the norms of the settings.

    Raises:
        UsageError: No subtitle can keep them.
    """
    least, most = (_exact(each) for each in (settings.min_seconds, settings.max_seconds))
    wrong = [
        name
        for name, bad in {
            "line_width": settings.line_width < 0,
            "max_lines": settings.max_lines < 1,
            "characters_per_second": not 0 <= settings.characters_per_second < math.inf,
            "min_seconds": least <= 0,
            "max_seconds": most < least,
            "gap_frames": settings.gap_frames < 0,
            "chain_seconds": not 0 <= settings.chain_seconds < math.inf,
        }.items()
        if bad
    ]
    if wrong:
        raise UsageError(
            f"[subtitles] {wrong[0]} is not a possible value.", hint="Leave it out for the default."
        )
    return Conventions(
        line_width=settings.line_width or None,
        max_lines=settings.max_lines,
        characters_per_second=settings.characters_per_second or None,
        min_seconds=least,
        max_seconds=most,
        gap_frames=settings.gap_frames,
        chain_seconds=_exact(settings.chain_seconds),
        dual_speakers=settings.dual_speakers,
        speaker_labels=settings.speaker_labels,
        direction_marks=settings.direction_marks,
    )


def _exact(seconds: float) -> Fraction:
    """Return 5/6 exactly, however it was written; anything but a finite number becomes zero."""
    return Fraction(seconds).limit_denominator(1000) if math.isfinite(seconds) else Fraction(0)


@dataclass(frozen=True, slots=True)
class Utterance:
    """A spoken text over [start, end) in samples; `words` are the starts of its words, if known.

    `shown` is the text with the line breaks and italics of the user's own subtitles, kept where it fits.
    """

    start: int
    end: int
    text: str
    speaker: str = ""
    words: tuple[int, ...] = ()
    shown: str = ""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A cue under construction, in frames: `end` is where its speech ends, `plain` the text that is read."""

    start: int
    end: int
    text: str
    speaker: str


@dataclass(frozen=True, slots=True)
class _Grid:
    """The norms in whole frames."""

    rate: Fraction
    sample_rate: int
    shortest: int
    longest: int
    gap: int
    chain: int
    per_character: Fraction


def cues_of(script: Script, rules: Conventions, *, translated: bool) -> tuple[Cue, ...]:
    """Return the script's subtitles.

    They are in the target language and timed to the dub, or in the source language and timed to the original.
    """
    names = {speaker.id: speaker.name for speaker in script.speakers}
    utterances = [_utterance(line, names, translated=translated) for line in script.lines]
    language = script.target_language if translated else script.source_language
    utterances += [
        Utterance(note.start, note.end, note.text, shown=note.text)
        for note in script.sounds
        if note.language == language
    ]
    return make_cues(utterances, rules, language, script.programme.rate, script.programme.sample_rate)


def _utterance(line: Line, names: dict[str, str], *, translated: bool) -> Utterance:
    speaker = names.get(line.speaker, line.speaker)
    if not translated:
        words = tuple(word.start for word in line.words)
        shown = _unchanged_shown(line.text_as_shown, line.text)
        return Utterance(line.start, line.end, line.text, speaker, words, shown)
    start, end = line.heard_range or (line.start, line.end)
    shown = _unchanged_shown(line.translation_as_shown, line.translation)
    return Utterance(start, end, line.translation, speaker, shown=shown)


def _unchanged_shown(shown: str, text: str) -> str:
    """Return the text as the user's file shows it, unless its words were changed since."""
    return shown if without_italics(shown).split() == text.split() else ""


def make_cues(
    said: Sequence[Utterance],
    rules: Conventions,
    language: str,
    rate: Fraction,
    sample_rate: int = SAMPLE_RATE,
) -> tuple[Cue, ...]:
    """Return cues in order, never overlapping; utterances without text give none."""
    layout = layout_for(language, rules.line_width, rules.max_lines)
    grid = _grid(rules, language, rate, sample_rate)
    pieces: list[_Piece] = []
    for utterance in sorted(said, key=lambda u: (u.start, u.end)):
        pieces += _pieces(utterance, rules, layout, grid)
    pieces.sort(key=lambda piece: piece.start)
    return tuple(_time_cues(_without_overlap(pieces, rules, layout, grid), rules, layout, grid))


def _grid(rules: Conventions, language: str, rate: Fraction, sample_rate: int) -> _Grid:
    return _Grid(
        rate=rate,
        sample_rate=sample_rate,
        shortest=math.ceil(rules.min_seconds * rate),
        longest=math.floor(rules.max_seconds * rate),
        gap=rules.gap_frames,
        chain=math.ceil(rules.chain_seconds * rate),
        per_character=rate / Fraction(rules.speed(language)),
    )


def _pieces(said: Utterance, rules: Conventions, layout: Layout, grid: _Grid) -> list[_Piece]:
    """Return one piece, or several if text or time are too long for one cue."""
    text = " ".join(said.text.split())
    if not text:
        return []
    if rules.speaker_labels and said.speaker:
        text = f"{said.speaker.upper()}: {text}"
    start = nearest_frame(said.start, grid.rate, grid.sample_rate)
    end = max(start + 1, nearest_frame(said.end, grid.rate, grid.sample_rate))
    at_least = -(-(end - start) // grid.longest)
    if at_least == 1 and said.shown and not rules.speaker_labels and fits_layout(said.shown, layout):
        return [_Piece(start, end, said.shown, said.speaker)]
    parts = split_into_cues(text, layout, at_least=at_least)
    starts = [start, *_inner_starts(parts, said, start, end, layout, grid)]
    ends = [*starts[1:], end]
    return [_Piece(a, b, part, said.speaker) for a, b, part in zip(starts, ends, parts, strict=True)]


def _inner_starts(
    parts: list[str], said: Utterance, start: int, end: int, layout: Layout, grid: _Grid
) -> list[int]:
    """Return where the second and later parts begin.

    A part begins at its first word if its time is known, else in proportion to the text before it.
    """
    counts = [len(part.split()) for part in parts]
    if len(said.words) == sum(counts):
        firsts = [sum(counts[:n]) for n in range(1, len(parts))]
        found = [nearest_frame(said.words[first], grid.rate, grid.sample_rate) for first in firsts]
    else:
        sizes = [max(1.0, text_width(part, layout)) for part in parts]
        total = sum(sizes)
        found = [start + round((end - start) * sum(sizes[:n]) / total) for n in range(1, len(parts))]
    kept, last = [], start
    for frame in found:
        last = max(last + 1, frame)
        kept.append(last)
    return kept


def _without_overlap(pieces: list[_Piece], rules: Conventions, layout: Layout, grid: _Grid) -> list[_Piece]:
    """Merge simultaneous cues into one with dashes; if that does not fit, the earlier cue ends sooner."""
    kept: list[_Piece] = []
    for piece in pieces:
        last = kept[-1] if kept else None
        if last is None or piece.start >= last.end:
            kept.append(piece)
        elif rules.dual_speakers and _can_share(last, piece, layout, grid):
            text = f"- {last.text}\n- {piece.text}"
            kept[-1] = _Piece(last.start, max(last.end, piece.end), text, "")
        elif piece.start - last.start > grid.gap:
            kept[-1] = replace(last, end=piece.start)
            kept.append(piece)
        else:
            kept[-1:] = _in_turn(last, piece, layout, grid)
    return kept


def _can_share(first: _Piece, second: _Piece, layout: Layout, grid: _Grid) -> bool:
    fits = all(text_width(f"- {piece.text}", layout) <= layout.line_width for piece in (first, second))
    apart = bool(first.speaker) and first.speaker != second.speaker and "\n" not in first.text
    # A line that begins when the other is nearly over is easier to read on its own.
    together = second.start - first.start < grid.shortest or first.end - second.start > grid.shortest
    return fits and apart and together and max(first.end, second.end) - first.start <= grid.longest


def _in_turn(first: _Piece, second: _Piece, layout: Layout, grid: _Grid) -> list[_Piece]:
    """Share the time between two cues that begin together and do not fit on one screen."""
    end = max(first.end, second.end)
    a, b = text_width(first.text, layout), text_width(second.text, layout)
    border = first.start + max(grid.gap + 1, round((end - first.start) * a / max(1.0, a + b)))
    return [replace(first, end=border), replace(second, start=border, end=max(end, border + 1))]


def _time_cues(pieces: list[_Piece], rules: Conventions, layout: Layout, grid: _Grid) -> list[Cue]:
    cues = []
    for index, piece in enumerate(pieces):
        following = pieces[index + 1].start if index + 1 < len(pieces) else None
        end = _out_frame(piece, following, layout, grid)
        laid_out = "\n" in piece.text or "<i>" in piece.text
        text = piece.text if laid_out else lay_out(piece.text, layout)
        if rules.direction_marks:
            text = mark_direction(text)
        start, stop = (frames_to_samples(frame, grid.rate, grid.sample_rate) for frame in (piece.start, end))
        cues.append(Cue(start, stop, text, piece.speaker or None))
    return cues


def _out_frame(piece: _Piece, following: int | None, layout: Layout, grid: _Grid) -> int:
    """Return the out frame: after the speech, late enough to be read, and clear of the next cue."""
    reading = math.ceil(Fraction(text_width(piece.text.replace("\n", " "), layout)) * grid.per_character)
    wanted = max(piece.end, piece.start + reading, piece.start + grid.shortest)
    end = min(wanted, piece.start + grid.longest)
    if following is None:
        return end
    latest = max(piece.start + 1, following - grid.gap)
    if following - end < grid.chain and latest - piece.start <= grid.longest:
        return latest
    return min(end, latest)
