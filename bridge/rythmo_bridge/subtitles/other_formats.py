"""Reads formats besides SRT and WebVTT: ASS and SSA, MicroDVD, MPL2, TTML; DAPT and DetX.

SubViewer and YouTube's SBV differ from SRT only in how the times are written; `srt` reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from rythmo.errors import SubtitleError
from rythmo_bridge.subtitles.dapt_reader import looks_like_dapt, parse_dapt
from rythmo_bridge.subtitles.detx_reader import looks_like_detx, parse_detx
from rythmo_bridge.subtitles.entries import SubtitleEntry
from rythmo_bridge.subtitles.script_document import ScriptDocument, list_entries
from rythmo_bridge.subtitles.ttml_reader import looks_like_ttml, parse_ttml

_MICRODVD = re.compile(r"\{(\d+)\}\{(\d*)\}(.*)")
_MPL2 = re.compile(r"\[(\d+)\]\[(\d*)\](.*)")
_ASS_EVENT = re.compile(r"(?:Dialogue|Dialog):\s*(.*)", re.IGNORECASE)
_ASS_FORMAT = re.compile(r"Format:\s*(.*)", re.IGNORECASE)
_ASS_FIELDS = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")
# Names of styles for writing in the picture, which is translated in subtitles and not spoken.
_ASS_SIGN = re.compile(
    r"(?<![a-z])(?:signs?|typeset(?:ting)?|ts|on.?screen|credits?)(?![a-z])", re.IGNORECASE
)
_ASS_TIME = re.compile(r"(\d+):(\d{1,2}):(\d{1,2})[.:,](\d{1,3})\Z")
_USUAL_RATE = Fraction(25)
_OPEN_END = Fraction(2)
"""Seconds for a cue whose format leaves its end to the next cue."""
_NAME_MARKUP = "<>\n"


def parse_other(
    text: str, path: Path, rate: Fraction | None, language: str = "", *, drop: bool = False
) -> list[SubtitleEntry] | None:
    """Return the entries of a file in one of the other formats; None if it is in none of them.

    `rate` counts the frames of formats that have frames and state no rate; `language` chooses the words of
    scripts in several languages ("": the original's).

    Raises:
        SubtitleError: A time cannot be read.
    """
    lines = text.split("\n")
    head = [line.strip() for line in lines if line.strip()][:3]
    document = parse_document(text, path, rate, drop=drop)
    if document is not None:
        return list_entries(document, path, language)
    if looks_like_ttml(text):
        return parse_ttml(text, path, rate or _USUAL_RATE, language)
    if any(line.casefold() == "[script info]" for line in head) or any(map(_ASS_EVENT.match, lines)):
        return list(_parse_ass(lines, path))
    if head and all(map(_MICRODVD.match, head)):
        return list(_parse_microdvd(lines, rate or _USUAL_RATE))
    if head and all(map(_MPL2.match, head)):
        return list(_timed(lines, _MPL2, Fraction(1, 10)))
    return None


def parse_document(
    text: str, path: Path, rate: Fraction | None, *, drop: bool = False
) -> ScriptDocument | None:
    """Return a file as a script, if it is in a format of scripts (DAPT, DetX); None if not.

    `rate` and `drop` are those of timecodes, where the file does not say.

    Raises:
        SubtitleError: It cannot be read.
    """
    if looks_like_dapt(text):
        return parse_dapt(text, path, rate or _USUAL_RATE)
    if looks_like_detx(text):
        return parse_detx(text, path, rate or _USUAL_RATE, drop=drop)
    return None


def _parse_ass(lines: Sequence[str], path: Path) -> Iterator[SubtitleEntry]:
    """Yield the dialogue; comments are not shown, and the field Name says who speaks."""
    fields: Sequence[str] = _ASS_FIELDS
    in_events = False
    for number, line in enumerate(lines, start=1):
        if line.startswith("["):
            in_events = line.strip().casefold() == "[events]"
        form = _ASS_FORMAT.match(line)
        if form and in_events:
            fields = [field.strip().casefold() for field in form.group(1).split(",")]
        event = _ASS_EVENT.match(line)
        if not event:
            continue
        values = dict(zip(fields, event.group(1).split(",", len(fields) - 1), strict=False))
        if "text" not in values:
            raise SubtitleError(
                f"{path}, line {number}: the event has too few fields.",
                hint=f"Its format names {len(fields)}.",
            )
        start, end = (_ass_time(values.get(key, ""), path, number) for key in ("start", "end"))
        name = values.get("name", values.get("actor", "")).strip()
        named = name and not any(c in name for c in _NAME_MARKUP) and len(name) <= 60
        words = f"<v {name}>{values['text']}" if named else values["text"]
        silent = any(map(_ASS_SIGN.search, (values.get("style", ""), name)))
        yield SubtitleEntry(start, end, words, number, silent)


def _ass_time(text: str, path: Path, number: int) -> Fraction:
    match = _ASS_TIME.match(text.strip())
    if not match:
        raise SubtitleError(
            f"{path}, line {number}: {text.strip()[:40]!r} is not a time.", hint="ASS times are 0:01:02.50."
        )
    hours, minutes, seconds, fraction = match.groups()
    whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    return whole + Fraction(int(fraction), 10 ** len(fraction))


def _parse_microdvd(lines: Sequence[str], rate: Fraction) -> Iterator[SubtitleEntry]:
    """Yield cues timed in frames; the first cue may state the frame rate instead of text."""
    first = next(number for number, line in enumerate(lines) if line.strip())
    stated = _MICRODVD.match(lines[first].strip())
    if (
        stated
        and re.fullmatch(r"\d{2,3}(?:[.,]\d+)?", stated.group(3).strip())
        and stated.group(1) in ("0", "1")
    ):
        rate = _exact_rate(stated.group(3).strip())
        lines = [*lines[:first], "", *lines[first + 1 :]]
    yield from _timed(lines, _MICRODVD, 1 / rate)


def _exact_rate(text: str) -> Fraction:
    rate = Fraction(text.replace(",", "."))
    # 23.976 and 29.97 are rounded.
    exact = Fraction(round(rate * Fraction(1001, 1000)) * 1000, 1001)
    return exact if abs(exact - rate) < Fraction(1, 100) and rate.denominator > 1 else rate


def _timed(lines: Sequence[str], form: re.Pattern[str], unit: Fraction) -> Iterator[SubtitleEntry]:
    found = [
        (number, match) for number, line in enumerate(lines, start=1) if (match := form.match(line.strip()))
    ]
    for place, (number, match) in enumerate(found):
        start = int(match.group(1)) * unit
        following = int(found[place + 1][1].group(1)) * unit if place + 1 < len(found) else start + _OPEN_END
        end = int(match.group(2)) * unit if match.group(2) else min(start + _OPEN_END, following)
        yield SubtitleEntry(start, end, match.group(3).replace("|", "\n"), number)
