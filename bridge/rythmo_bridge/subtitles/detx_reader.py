"""Reads DetX, the rythmo bands of Cappella: roles, lines from their first to their last sign, loops, cuts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from rythmo.errors import InputError, SubtitleError
from rythmo.timebase import can_drop, nominal_rate, parse_timecode, snap_rate
from rythmo_bridge.subtitles.script_document import ScriptDocument, ScriptEvent, ScriptText
from rythmo_bridge.subtitles.ttml_reader import name_tag, parse_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ROOT = re.compile(r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<detx[\s>]", re.DOTALL)
_SIGN = re.compile(r"<lipsync\s([^<>]*?)/>")
_ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=\s*(\"[^\"<]*\"|'[^'<]*')")
_SCREEN = {"on": "ON", "off": "OFF"}
_READING_CPS = 15
_SHORTEST = Fraction(7, 10)
_MOST_MARKS = 100_000


def looks_like_detx(text: str) -> bool:
    """Whether a text begins as a DetX document."""
    return bool(_ROOT.match(text))


def parse_detx(text: str, path: Path, rate: Fraction, *, drop: bool = False) -> ScriptDocument:
    """Return the band as a script. `rate` counts frames if the file states no rate; `drop` is how timecodes
    at 29.97 and 59.94 count, which the file never says.

    Raises:
        SubtitleError: The file is not XML, or a timecode cannot be read.
    """
    root = parse_xml(_SIGN.sub(_drop_repeated, text), path, "DetX")
    video = next(root.iter("videofile"), None)
    stated = _read_rate(video.get("tctype", "") if video is not None else "")
    counted = stated or rate
    plain = _Clock(path, counted, can_drop(counted) and drop, 0)
    stamp = (video.get("timestamp") or "").strip() if video is not None else ""
    start = plain.frame(stamp) if stamp else None
    clock = _Clock(path, counted, plain.drop, start or 0)
    roles = {role.get("id", ""): " ".join(role.get("name", "").split()) for role in root.iter("role")}
    body = root.find("body")
    children = list(body) if body is not None else []
    loops = sorted(
        (clock.read(child), _read_number(child, place))
        for place, child in enumerate(_find(children, "loop"), 1)
    )
    lines = (_read_line(child, clock, roles) for child in _find(children, "line"))
    found = sorted((line for line in lines if line is not None), key=lambda event: event.start)
    return ScriptDocument(
        tuple(_name_events(found, loops)),
        title=" ".join((root.findtext("header/title") or "").split()),
        rate=stated,
        start=start,
        shots=tuple(sorted(clock.read(child) for child in _find(children, "shot"))),
    )


@dataclass(frozen=True, slots=True)
class _Clock:
    """Reads the timecodes of one file, which count from the frame `start`."""

    path: Path
    rate: Fraction
    drop: bool
    start: int

    def frame(self, text: str) -> int:
        """Return a timecode's frame. A frame that the rate does not have is the last one of its second."""
        parts = text.strip().split(":")
        if len(parts) == 4 and parts[3].isdecimal() and int(parts[3]) >= nominal_rate(self.rate):
            parts[3] = f"{nominal_rate(self.rate) - 1:02}"
        try:
            return parse_timecode(":".join(parts), self.rate, drop=self.drop).frame
        except InputError as error:
            raise SubtitleError(f"{self.path}: {error.message}", hint=error.hint) from error

    def read(self, element: Element) -> Fraction:
        """Return the time of a sign or mark in seconds from the file's zero."""
        stamp = element.get("timecode") or element.get("tc") or ""
        return Fraction(self.frame(stamp) - self.start) / self.rate


def _drop_repeated(tag: re.Match[str]) -> str:
    """Return a sign's tag with each attribute once: some programs write `link` twice, which no XML may."""
    found: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(tag.group(1)):
        found.setdefault(name, value)
    return f"<lipsync {' '.join(f'{name}={value}' for name, value in found.items())}/>"


def _read_rate(stated: str) -> Fraction | None:
    try:
        return snap_rate(stated) if re.fullmatch(r"\d{1,3}(?:[.,]\d{1,6})?", stated.strip()) else None
    except InputError:
        return None


def _read_number(element: Element, place: int) -> str:
    """Return the number that we wrote with a loop; others count them."""
    number = element.get("number", "")
    return number if re.fullmatch(r"\d{1,6}[A-Z]{0,6}", number) else str(place)


def _find(children: list[Element], tag: str) -> Iterator[Element]:
    found = [child for child in children if name_tag(child) == tag]
    yield from found[:_MOST_MARKS]


def _read_line(element: Element, clock: _Clock, roles: dict[str, str]) -> ScriptEvent | None:
    """Return a line; None for one without a sign or without words."""
    times = [clock.read(child) for child in element if name_tag(child) == "lipsync"]
    words = " ".join("".join(_list_words(element)).split())
    if not times or not words:
        return None
    if element.get("type") == "reac" and not re.fullmatch(r"[(\[].*[)\]]", words):
        # A reaction (a laugh, a breath) is heard and not said.
        words = f"({words})"
    start, end = min(times), max(times)
    if end <= start:
        end = start + max(_SHORTEST, Fraction(len(words), _READING_CPS))
    role = element.get("role", "")
    name = roles.get(role, role)
    return ScriptEvent(
        id="",
        start=start,
        end=end,
        speakers=(name,) if name else (),
        texts=(ScriptText(escape(words, quote=False)),),
        screen=_SCREEN.get(element.get("voice", ""), ""),
    )


def _list_words(element: Element) -> Iterator[str]:
    """Yield the parts of a line's text; a line break is a space."""
    for child in element:
        if name_tag(child) != "text":
            continue
        yield child.text or ""
        for inner in child:
            yield " " if name_tag(inner) == "br" else inner.text or ""
            yield inner.tail or ""


def _name_events(events: list[ScriptEvent], loops: list[tuple[Fraction, str]]) -> Iterator[ScriptEvent]:
    """Yield the lines with ids of their own, each in the loop whose mark is the last one before it."""
    place = 0
    for number, event in enumerate(events, 1):
        while place < len(loops) and loops[place][0] <= event.start:
            place += 1
        loop = loops[place - 1][1] if place else ""
        yield ScriptEvent(
            f"line{number}", event.start, event.end, event.speakers, event.texts, event.screen, loop
        )
