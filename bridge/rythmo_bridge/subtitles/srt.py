"""SubRip (`.srt`), read as people leave it and written plainly.

Our own reader, because each fault is named by its line, and times stay exact until they become samples.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from rythmo.errors import SubtitleError
from rythmo.files import write_atomically
from rythmo.timebase import SAMPLE_RATE
from rythmo_bridge.subtitles.cue_text import plain, read_text, speeches
from rythmo_bridge.subtitles.cues import Cue

_ARROW = re.compile(r"-{1,2}>|=>|→")
_TIME = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[,.:;](\d{1,3}))?\Z")
_NUMBER = re.compile(r"\d+\Z")
_HINT = "Times are written 00:01:02,500 --> 00:01:04,000."


def read_subtitles(path: Path, sample_rate: int = SAMPLE_RATE) -> tuple[Cue, ...]:
    """The cues of an SRT file in order of start, in samples at `sample_rate` from the programme's start.

    A cue in which several people speak gives a cue for each, all over the cue's whole time, because the
    file does not say who speaks when. Cues without text are dropped. Raises SubtitleError, with the line
    number, for what is not SRT.
    """
    cues = sorted(_cues(parse(read_text(path), path), sample_rate), key=lambda cue: cue.start)
    if not cues:
        raise SubtitleError(f"{path} has no cue with text.", hint="Give a subtitle file that has cues.")
    return tuple(cues)


def read_as_written(path: Path, sample_rate: int = SAMPLE_RATE) -> tuple[tuple[int, int, str], ...]:
    """(start, end, text) of each cue as it stands on the screen, with its line breaks and dashes: what
    quality control measures. Raises SubtitleError."""
    return tuple(
        (round(start * sample_rate), round(end * sample_rate), plain(text))
        for start, end, text in parse(read_text(path), path)
    )


def parse(text: str, path: Path) -> Iterator[tuple[Fraction, Fraction, str]]:
    """(start, end) in seconds and the text of each cue as written. Raises SubtitleError."""
    lines = text.split("\n")
    stamps = [
        number for number, line in enumerate(lines) if _ARROW.search(line) and any(c.isdigit() for c in line)
    ]
    if not stamps:
        raise SubtitleError(f"{path} is not an SRT file: it has no times.", hint=_HINT)
    for number, following in zip(stamps, [*stamps[1:], len(lines)], strict=True):
        start, end = _stamp(lines[number], number + 1, path)
        yield start, end, "\n".join(_body(lines[number + 1 : following]))


def _body(lines: list[str]) -> list[str]:
    """A cue's text: without the number of the next cue and the empty lines around it."""
    body = list(lines)
    while body and not body[-1].strip():
        body.pop()
    if body and _NUMBER.match(body[-1].strip()) and len(body) > 1 and not body[-2].strip():
        body.pop()
    return body


def _stamp(line: str, number: int, path: Path) -> tuple[Fraction, Fraction]:
    parts = _ARROW.split(line, maxsplit=1)
    # Coordinates (X1:... Y1:...) may follow the out-time.
    texts = [parts[0].strip(), (parts[1].split() or [""])[0]]
    start, end = (_seconds(text, number, path) for text in texts)
    if end < start:
        raise SubtitleError(f"{path}, line {number}: the cue ends before it begins.", hint=_HINT)
    return start, end


def _seconds(text: str, number: int, path: Path) -> Fraction:
    match = _TIME.match(text)
    if not match or int(match.group(2)) > 59 or int(match.group(3)) > 59:
        raise SubtitleError(f"{path}, line {number}: {text[:40]!r} is not a time.", hint=_HINT)
    hours, minutes, seconds, fraction = match.groups()
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole + Fraction(int(fraction or 0), 10 ** len(fraction or ""))


def _cues(parsed: Iterable[tuple[Fraction, Fraction, str]], sample_rate: int) -> Iterator[Cue]:
    for start, end, text in parsed:
        for speaker, said in speeches(plain(text)):
            yield Cue(round(start * sample_rate), round(end * sample_rate), said, speaker)


def write(cues: Sequence[Cue], path: Path, sample_rate: int = SAMPLE_RATE) -> None:
    """Write UTF-8 without a mark, Windows line ends as SubRip itself does; numbers count from 1."""
    write_atomically(path, render(cues, sample_rate).encode())


def render(cues: Sequence[Cue], sample_rate: int = SAMPLE_RATE) -> str:
    """The file's text."""
    blocks = []
    for number, cue in enumerate(cues, start=1):
        start, end = (_time(position, sample_rate) for position in (cue.start, cue.end))
        body = cue.text.replace("\n", "\r\n")
        blocks.append(f"{number}\r\n{start} --> {end}\r\n{body}\r\n")
    return "\r\n".join(blocks)


def _time(position: int, sample_rate: int) -> str:
    total = (2000 * position + sample_rate) // (2 * sample_rate)
    seconds, thousandths = divmod(total, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{thousandths:03}"
