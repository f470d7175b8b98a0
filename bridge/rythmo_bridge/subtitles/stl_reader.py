"""Reads EBU STL subtitles (Tech 3264), in the Latin, Cyrillic, Greek, Arabic and Hebrew tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from rythmo.errors import InputError, SubtitleError
from rythmo.timebase import can_drop, nominal_rate, parse_timecode
from rythmo_bridge.subtitles.entries import SubtitleEntry
from rythmo_bridge.subtitles.stl_layout import (
    END,
    GSI,
    ITALIC_OFF,
    ITALIC_ON,
    LANGUAGES,
    LAST_BLOCK,
    MOST_EXTENSIONS,
    TEXT,
    TTI,
    USER_DATA,
)
from rythmo_bridge.subtitles.stl_text import LATIN, TABLES, decode_text

_HEAD = re.compile(rb"[\d ]{3}STL\d\d\.\d\d")
_FILM, _NTSC = Fraction(24000, 1001), Fraction(30000, 1001)
# What the two digits of the format code stand for, where the picture does not say better.
_RATES = {23: _FILM, 29: _NTSC, 30: _NTSC, 59: 2 * _NTSC, 60: 2 * _NTSC}
_BY_CODE = {code: language for language, code in reversed(LANGUAGES.items())}


@dataclass(frozen=True, slots=True)
class StlFile:
    """A file as it was read: entries in seconds from its start of programme, its language ("" if unknown),
    its frame rate, and its start as a count of frames."""

    entries: tuple[SubtitleEntry, ...]
    language: str
    rate: Fraction
    start: int


def looks_like_stl(data: bytes) -> bool:
    """Whether a file's bytes begin as an EBU STL file's."""
    return bool(_HEAD.match(data[:16])) and len(data) >= GSI


def parse_stl(data: bytes, path: Path, rate: Fraction | None = None, *, drop: bool = False) -> StlFile:
    """Return the subtitles of a file.

    `rate` and `drop` are the picture's, which tell 30 from 29.97 frames, and how they are counted; the file
    does not. Comments are left out.

    Raises:
        SubtitleError: A timecode cannot be read, or the file has no subtitle.
    """
    stated = int(data[6:8]) if data[6:8].isdigit() else 25
    counted = _choose_rate(stated, rate)
    counts_drop = drop and can_drop(counted)
    table = data[12:14].decode("ascii", "replace").strip() or LATIN
    blocks = [data[at : at + TTI] for at in range(GSI, len(data) - TTI + 1, TTI)]
    clock = _Clock(path, counted, drop=counts_drop)
    found = list(_join_blocks(blocks, table if table in TABLES else LATIN, clock))
    if not found:
        raise SubtitleError(f"{path} has no subtitle.", hint="Give a subtitle file that has cues.")
    start = _read_start(data, clock)
    if any(first < start for first, _, _, _ in found):
        start = 0
    entries = tuple(
        SubtitleEntry(Fraction(first - start) / counted, Fraction(last - start) / counted, text, number)
        for first, last, text, number in found
    )
    language = _BY_CODE.get(data[14:16].decode("ascii", "replace").upper(), "")
    return StlFile(entries, language, counted, start)


def _choose_rate(stated: int, rate: Fraction | None) -> Fraction:
    """Return the exact rate. The picture's is what the file rounds, or the double of it."""
    if rate is not None and nominal_rate(rate) in (stated, stated + 1):
        return rate
    if rate is not None and nominal_rate(rate) == 2 * stated:
        return rate / 2
    return _RATES.get(stated) or (Fraction(stated) if stated in (24, 25, 48, 50) else Fraction(25))


class _Clock:
    def __init__(self, path: Path, rate: Fraction, *, drop: bool) -> None:
        self.path, self.rate, self.drop = path, rate, drop

    def frame(self, parts: Sequence[int], number: int) -> int:
        """Return the frame of hours, minutes, seconds and frames."""
        hours, minutes, seconds, frames = parts
        frames = min(frames, nominal_rate(self.rate) - 1) if frames < 100 else frames
        try:
            return parse_timecode(
                f"{hours:02}:{minutes:02}:{seconds:02}:{frames:02}", self.rate, drop=self.drop
            ).frame
        except InputError as error:
            raise SubtitleError(
                f"{self.path}, subtitle {number}: {error.message}", hint=error.hint
            ) from error


def _read_start(data: bytes, clock: _Clock) -> int:
    """Return the frame of the programme's start, 0 where the file does not say."""
    stated = data[256:264]
    if not stated.isdigit():
        return 0
    try:
        return clock.frame([int(stated[at : at + 2]) for at in range(0, 8, 2)], 0)
    except SubtitleError:
        return 0


def _join_blocks(blocks: Sequence[bytes], table: str, clock: _Clock) -> Iterator[tuple[int, int, str, int]]:
    """Yield the first and last frame, text and number of each subtitle."""
    held = bytearray()
    for block in blocks:
        extension, comment = block[3], block[15]
        if extension == USER_DATA or comment == 1:
            continue
        held += block[16:TTI].split(bytes([END]), 1)[0]
        if extension != LAST_BLOCK:
            if len(held) > MOST_EXTENSIONS * TEXT:
                held.clear()
            continue
        number = block[1] | block[2] << 8
        text = _read_text(bytes(held), table)
        held.clear()
        if text:
            yield clock.frame(block[5:9], number), clock.frame(block[9:13], number), text, number + 1


def _read_text(data: bytes, table: str) -> str:
    """Return a text field as entries hold it: newlines, `<i>`, no other control codes."""
    parts: list[str] = []
    italic = False
    for row in re.split(rb"(?:\x8a)+", data):
        for piece in re.split(rb"([\x00-\x1f\x80-\x9f]+)", row):
            if not piece:
                continue
            if piece[0] >= 0x20 and not 0x80 <= piece[0] <= 0x9F:
                words = decode_text(piece, table)
                parts.append(words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
                continue
            for code in piece:
                if code == ITALIC_ON and not italic:
                    parts.append("<i>")
                    italic = True
                elif code == ITALIC_OFF and italic:
                    parts.append("</i>")
                    italic = False
                elif code < 0x08:
                    # A colour of teletext takes the place of a space.
                    parts.append(" ")
        parts.append("\n")
    if italic:
        parts.append("</i>")
    rows = (" ".join(row.split()) for row in "".join(parts).split("\n"))
    return "\n".join(row for row in rows if row and row not in ("<i>", "</i>", "<i></i>"))
