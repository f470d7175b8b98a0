"""Check a script file before it is used: its ids become file names, its numbers sizes of arrays.

A project may come from somebody else. Every name that reaches the disk is checked here once, on load; no
later stage has to.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable
from fractions import Fraction

from rythmo.counts import format_count
from rythmo.script.model import Line, Programme, Script, Speaker
from rythmo.script.takes import Piece, Placement, Take

_ID = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")
_TAKE_FILE = re.compile(r"takes/[A-Za-z0-9_-]{1,120}\.wav\Z")
_LANGUAGE = re.compile(r"[A-Za-z0-9-]{0,35}\Z")
_COLOUR = re.compile(r"#?[A-Za-z0-9]{0,32}\Z")

_MOST_SAMPLES = 48_000 * 3600 * 24 * 7
"""A week of sound: no programme is longer, and every position fits twice into 64 bits."""
_RATES = (8_000, 192_000)
_MOST_CHANNELS = 64
_MOST_FRAME_RATE = 1000
_MOST_PIXELS = 1 << 16
_MOST_LINES = 200_000
_MOST_NUMBER = 10**9
"""Lines may be made and undone for years."""
_MOST_SPEED = 100.0
_MOST_GAIN_DB = 200.0


def is_id(text: str) -> bool:
    """Whether the text can name a line, a speaker or a take, and so be part of a file's name."""
    return _ID.match(text) is not None


def is_colour(text: str) -> bool:
    """Whether the text is a colour as the page and the report may show it: `#4f9dff`, `red`, or nothing."""
    return _COLOUR.match(text) is not None


def find_fault(script: Script, faultless: Collection[int] = ()) -> str:
    """Say what of a script cannot be: a name that leads out, an absurd number; "" for nothing.

    Lines whose identity (`id`) is among the `faultless` were found so before.
    """
    lines = [
        line for line in (*script.lines, *script.removed, *script.set_aside) if id(line) not in faultless
    ]
    faults: Iterable[str] = (
        *_programme_faults(script.programme),
        *(
            f"the language {language!r} is none"
            for language in (script.source_language, script.target_language)
            if not _LANGUAGE.match(language)
        ),
        *([f"it has {format_count(len(script.lines), 'line')}"] if len(script.lines) > _MOST_LINES else []),
        *(fault for speaker in script.speakers for fault in _speaker_faults(speaker)),
        *(fault for line in lines for fault in _line_faults(line)),
        *_duplicate_faults("speaker", (speaker.id for speaker in script.speakers)),
        *_duplicate_faults("line", (line.id for line in script.lines)),
        *([f"its last line has number {script.last_number}"] if not _is_count(script.last_number) else []),
        *("a dialogue region is odd" for start, end in script.dialogue if not _is_span(start, end)),
        *("a remark has no place" for remark in script.remarks if not _is_position(remark.position)),
    )
    return next(iter(faults), "")


def _programme_faults(programme: Programme) -> Iterable[str]:
    if not 0 <= programme.length <= _MOST_SAMPLES:
        yield f"the programme is {format_count(programme.length, 'sample')} long"
    if not _RATES[0] <= programme.sample_rate <= _RATES[1]:
        yield f"the programme runs at {programme.sample_rate} Hz"
    if not 1 <= programme.channels <= _MOST_CHANNELS:
        yield f"the programme has {programme.channels} channels"
    if not _is_frame_rate(programme.frame_rate):
        yield f"the programme has {programme.frame_rate} frames a second"
    if abs(programme.start_frame) > _MOST_SAMPLES:
        yield f"the programme starts at frame {programme.start_frame}"
    if programme.size and not all(1 <= pixels <= _MOST_PIXELS for pixels in programme.size):
        yield "the picture has an absurd size"
    if "\0" in programme.source:
        yield "its source is no path"


def _is_frame_rate(rate: Fraction | None) -> bool:
    return rate is None or 0 < rate <= _MOST_FRAME_RATE


def _speaker_faults(speaker: Speaker) -> Iterable[str]:
    if not is_id(speaker.id):
        yield f"{speaker.id!r} is not the id of a speaker"
    if not is_colour(speaker.colour):
        yield f"{speaker.colour!r} is not a colour"
    measured = speaker.prosody
    if measured and not all(
        value is None or math.isfinite(value) for value in (measured.pitch_hz, measured.level_db)
    ):
        yield f"{speaker.id} was measured as no number"


def _line_faults(line: Line) -> Iterable[str]:
    if not is_id(line.id):
        yield f"{line.id!r} is not the id of a line"
    if not is_id(line.speaker):
        yield f"{line.speaker!r} is not the id of a speaker"
    if not _is_span(line.start, line.end) or not _is_span(*line.original_range):
        yield f"{line.id} lies at {line.start} to {line.end}"
    if line.joined_into and not is_id(line.joined_into):
        yield f"{line.joined_into!r} is not the id of a line"
    if line.until is not None and not _is_position(line.until):
        yield f"{line.id} ends its slot at {line.until}"
    if not 0 <= line.variation <= _MOST_LINES:
        yield f"{line.id} asks for reading {line.variation}"
    for take in line.takes:
        yield from _take_faults(line, take)
    yield from _duplicate_faults(f"take of {line.id}", (take.id for take in line.takes))
    yield from (
        f"{comment.id!r} is not the id of a comment" for comment in line.comments if not is_id(comment.id)
    )
    yield from _duplicate_faults(f"comment of {line.id}", (comment.id for comment in line.comments))
    if line.placement is not None:
        yield from _placement_faults(line, line.placement)


def _take_faults(line: Line, take: Take) -> Iterable[str]:
    if not is_id(take.id):
        yield f"{take.id!r} is not the id of a take"
    if not _TAKE_FILE.match(take.file):
        yield f"{take.file!r} is not the file of a take of {line.id}"
    if not 0 <= take.length <= _MOST_SAMPLES:
        yield f"{take.id} of {line.id} is {format_count(take.length, 'sample')} long"
    if abs(take.offset or 0) > _MOST_SAMPLES:
        yield f"{take.id} of {line.id} was recorded {format_count(take.offset or 0, 'sample')} from its line"


def _placement_faults(line: Line, placement: Placement) -> Iterable[str]:
    pieces = [span for piece in placement.pieces for span in _list_spans(piece)]
    spans = [(placement.start, placement.end), *pieces]
    if not all(_is_span(start, end) for start, end in spans) or not _is_position(placement.slot_end):
        yield f"{line.id} is placed at {placement.start} to {placement.end}"
    if any(not _is_inside(piece, placement) for piece in placement.pieces):
        yield f"{line.id} has a phrase outside its place"
    if not (0 < placement.speed <= _MOST_SPEED and abs(placement.gain_db) <= _MOST_GAIN_DB):
        yield f"{line.id} has a speed of {placement.speed} and a gain of {placement.gain_db} dB"


def _list_spans(piece: Piece) -> tuple[tuple[int, int], tuple[int, int]]:
    return (piece.source_start, piece.source_end), (piece.start, piece.end)


def _is_inside(piece: Piece, placement: Placement) -> bool:
    return placement.start <= piece.start and piece.end <= placement.end


def _is_count(number: int) -> bool:
    return 0 <= number <= _MOST_NUMBER


def _is_position(sample: int) -> bool:
    return 0 <= sample <= _MOST_SAMPLES


def _is_span(start: int, end: int) -> bool:
    return 0 <= start < end <= _MOST_SAMPLES


def _duplicate_faults(what: str, ids: Iterable[str]) -> Iterable[str]:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            yield f"two of it are {what} {one}"
        seen.add(one)
