"""Writes EBU STL subtitles (Tech 3264): open subtitles, centred at the bottom.

It is our own writer: ffmpeg's `stl` is another format (Spruce), and what PyPI has reads the format only.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from rythmo.errors import UsageError
from rythmo.languages import language_name
from rythmo.timebase import can_drop, format_timecode, nominal_rate
from rythmo_bridge.subtitles.cues import Cue, Subtitles
from rythmo_bridge.subtitles.line_breaks import strip_direction
from rythmo_bridge.subtitles.stl_layout import (
    END,
    GSI,
    ITALIC_OFF,
    ITALIC_ON,
    LANGUAGES,
    LAST_BLOCK,
    MOST_EXTENSIONS,
    NEW_LINE,
    TEXT,
)
from rythmo_bridge.subtitles.stl_text import choose_table, encode_readably

_ROWS = 23
_DATE_UNKNOWN = "000000"


def render_stl(
    subtitles: Subtitles,
    rate: Fraction,
    sample_rate: int,
    *,
    start: int = 0,
    drop: bool = False,
    title: str = "",
    date: datetime.date | None = None,
) -> bytes:
    """Return a file of open subtitles, centred at the bottom.

    Timecode begins at the frame `start`, and counts as `drop` says. 50 and 60 frames are counted in pairs,
    since the format knows 25 and 30. Characters that the alphabet's table lacks become plainer ones.

    Raises:
        UsageError: The format has no table for the language's letters.
    """
    texts = [strip_direction(cue.text) for cue in subtitles.cues]
    table = choose_table(texts)
    if table is None:
        raise UsageError(
            f"EBU STL has no letters for {language_name(subtitles.language)}.",
            hint="It has Latin, Cyrillic, Greek, Arabic and Hebrew ones. Deliver ttml or srt instead.",
        )
    counted, halved = (rate / 2, 2) if nominal_rate(rate) in (48, 50, 60) else (rate, 1)
    stamp = _Stamp(counted, halved, start, sample_rate, drop=drop and can_drop(counted))
    blocks = [
        block
        for number, (cue, text) in enumerate(zip(subtitles.cues, texts, strict=True))
        for block in _write_blocks(number, cue, text, table, stamp)
    ]
    first = stamp.samples(subtitles.cues[0].start) if subtitles.cues else stamp.frame(0)
    width = max((len(row) for text in texts for row in _bare(text).split("\n")), default=40)
    head = _write_head(
        {
            "format": f"STL{_name_rate(counted)}.01",
            "table": table,
            "language": LANGUAGES.get(subtitles.language.partition("-")[0], "00"),
            "title": title,
            "date": date.strftime("%y%m%d") if date else _DATE_UNKNOWN,
            "blocks": f"{len(blocks):05}",
            "subtitles": f"{len(subtitles.cues):05}",
            "width": f"{min(width, 99):02}",
            "start": "".join(f"{part:02}" for part in stamp.frame(0)),
            "first": "".join(f"{part:02}" for part in first),
        }
    )
    return head + b"".join(blocks)


def _name_rate(rate: Fraction) -> int:
    return 23 if rate == Fraction(24000, 1001) else nominal_rate(rate)


@dataclass(frozen=True, slots=True)
class _Stamp:
    """Turns positions in samples into hours, minutes, seconds and frames."""

    rate: Fraction
    halved: int
    start: int
    sample_rate: int
    drop: bool

    def samples(self, position: int) -> tuple[int, ...]:
        return self.frame(round(Fraction(position, self.sample_rate) * self.rate))

    def frame(self, frame: int) -> tuple[int, ...]:
        label = format_timecode(self.start // self.halved + frame, self.rate, drop=self.drop)
        return tuple(int(part) for part in re.split("[:;]", label))


def _write_head(values: dict[str, str]) -> bytes:
    title = _write_field(values["title"], 32)
    fields = (
        b"850", values["format"].encode(), b"0", values["table"].encode(), values["language"].encode(),
        title, b" " * 32, title, b" " * 32, b" " * 64, b" " * 16,
        values["date"].encode() * 2, b"00", values["blocks"][-5:].encode(), values["subtitles"][-5:].encode(),
        b"001", values["width"].encode(), f"{_ROWS:02}".encode(), b"1", values["start"].encode(),
        values["first"].encode(), b"11", b"   ", b" " * 96,
    )  # fmt: skip
    return b"".join(fields).ljust(GSI, b" ")


def _write_field(text: str, length: int) -> bytes:
    """Return a field of the head in code page 850, as its first field says."""
    return text.encode("cp850", errors="replace")[:length].ljust(length)


def _bare(text: str) -> str:
    return text.replace("<i>", "").replace("</i>", "")


def _write_blocks(number: int, cue: Cue, text: str, table: str, stamp: _Stamp) -> Iterator[bytes]:
    body = _write_text(text, table)
    rows = body.count(NEW_LINE) + 1
    first, last = stamp.samples(cue.start), stamp.samples(cue.end)
    pieces = [body[at : at + TEXT] for at in range(0, len(body), TEXT)] or [b""]
    pieces = pieces[:MOST_EXTENSIONS]
    for place, piece in enumerate(pieces):
        extension = LAST_BLOCK if place == len(pieces) - 1 else place
        number_bytes = (number % 0x10000).to_bytes(2, "little")
        head = bytes([0]) + number_bytes + bytes([extension, 0, *first, *last, max(1, _ROWS - rows), 2, 0])
        yield head + piece.ljust(TEXT, bytes([END]))


def _write_text(text: str, table: str) -> bytes:
    made = bytearray()
    for place, row in enumerate(text.split("\n")):
        made += bytes([NEW_LINE]) if place else b""
        for piece in re.split("(</?i>)", row):
            if piece in ("<i>", "</i>"):
                made.append(ITALIC_ON if piece == "<i>" else ITALIC_OFF)
            else:
                made += encode_readably(piece, table)
    return bytes(made)
