"""Reads TTML (DFXP, IMSC, EBU-TT): times of paragraphs and spans, speakers, languages, italics."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from rythmo.errors import SubtitleError
from rythmo_bridge.subtitles.entries import SubtitleEntry

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ROOT = re.compile(r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:\w+:)?tt[\s>]", re.DOTALL)
_CLOCK = re.compile(r"(\d{1,6}):(\d{2}):(\d{2})(?:([.:])(\d{1,12}))?\Z", re.ASCII)
_COUNT = re.compile(r"(\d{1,15}(?:\.\d{1,12})?)(h|ms|m|s|f|t)\Z", re.ASCII)
_RATE = re.compile(r"\d{1,6}(?:\.\d{1,6})?\Z", re.ASCII)
_MOST_DEPTH = 40
_WORDLESS = frozenset({"metadata", "desc", "title", "audio", "animate", "set", "image"})
"""Elements inside a paragraph that hold no words of it."""


def looks_like_ttml(text: str) -> bool:
    """Whether a text begins as a TTML document."""
    return bool(_ROOT.match(text))


def parse_ttml(text: str, path: Path, rate: Fraction, language: str = "") -> list[SubtitleEntry]:
    """Return the paragraphs that have times; `rate` counts frames if the document states no rate.

    Where paragraphs are in several languages, those in `language` are returned, if there are any.

    Raises:
        SubtitleError: The document is not XML, or a time cannot be read.
    """
    root = parse_xml(text, path, "TTML")
    reader = _Reader(make_clock(root, path, rate), _list_agents(root))
    spoken = find_attribute(root, "lang")
    cues = [
        cue
        for body in root
        if name_tag(body) == "body"
        for cue in reader.read_division(body, _Place(Fraction(0), spoken), 0)
    ]
    base = language.casefold().split("-")[0]
    own = [cue for cue in cues if cue.language.casefold().split("-")[0] == base]
    return [cue.entry for cue in own or cues]


def _list_agents(root: Element) -> dict[str, str]:
    """Return the names of the document's agents by their ids."""
    agents = {}
    for agent in root.iter():
        if name_tag(agent) == "agent":
            names = (" ".join("".join(name.itertext()).split()) for name in agent if name_tag(name) == "name")
            agents[find_attribute(agent, "id")] = next(filter(None, names), "")
    return agents


def parse_xml(text: str, path: Path, form: str) -> Element:
    """Return the root of an XML document without a DTD and entities of its own. Raises SubtitleError."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(text.lstrip(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        raise SubtitleError(
            f"{path} cannot be read as {form}: {error}.", hint="Export it again, or save it as SRT."
        ) from error
    return root


def make_clock(root: Element, path: Path, rate: Fraction) -> MediaClock:
    """Return a document's clock; `rate` counts frames if it states no rate. Raises SubtitleError."""
    stated = find_attribute(root, "tickRate") or "1"
    if not stated.isdecimal() or len(stated) > 12 or not int(stated):
        raise SubtitleError(f"{path}: {stated[:40]!r} is not a tick rate.", hint="Export it again.")
    return MediaClock(path, read_rate(root, rate), Fraction(stated))


class MediaClock:
    """Reads the time expressions of one document: `rate` counts its frames, `ticks` a second its ticks."""

    def __init__(self, path: Path, rate: Fraction, ticks: Fraction) -> None:
        self._path, self._rate, self._ticks = path, rate, ticks

    def seconds(self, text: str) -> Fraction:
        """Return a time in seconds. Raises SubtitleError."""
        clock, count = _CLOCK.match(text.strip()), _COUNT.match(text.strip())
        if clock:
            hours, minutes, seconds, mark, rest = clock.groups()
            whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
            if mark == ":":
                return whole + int(rest) / self._rate
            return whole + Fraction(int(rest or 0), 10 ** len(rest or ""))
        if count:
            units = {"h": Fraction(3600), "m": Fraction(60), "s": Fraction(1), "ms": Fraction(1, 1000)}
            unit = units.get(count.group(2)) or 1 / (self._rate if count.group(2) == "f" else self._ticks)
            return Fraction(count.group(1)) * unit
        raise SubtitleError(
            f"{self._path}: {text[:40]!r} is not a time.", hint="TTML times are 00:01:02.500, 62.5s or 1562f."
        )


@dataclass(frozen=True, slots=True)
class _Cue:
    """A cue and the language that the document says it is in."""

    entry: SubtitleEntry
    language: str


@dataclass(frozen=True, slots=True)
class _Place:
    """What an element has from those around it: where its times count from, its language and its agent."""

    offset: Fraction
    language: str
    agent: str = ""

    def enter(self, element: Element, offset: Fraction) -> _Place:
        language = find_attribute(element, "lang") or self.language
        return _Place(offset, language, find_attribute(element, "agent") or self.agent)


class _Reader:
    """Reads the timed elements of one document."""

    def __init__(self, clock: MediaClock, agents: Mapping[str, str]) -> None:
        self._clock, self._agents = clock, agents

    def read_division(self, element: Element, place: _Place, depth: int) -> Iterator[_Cue]:
        """Yield the cues of a body, a division or a paragraph."""
        begin = self._begin(element)
        inside = place.enter(element, place.offset + (begin or 0))
        if name_tag(element) == "p":
            yield from self._read_paragraph(element, place, inside, timed=begin is not None)
        elif depth <= _MOST_DEPTH:
            for child in element:
                yield from self.read_division(child, inside, depth + 1)

    def _read_paragraph(
        self, element: Element, outside: _Place, inside: _Place, *, timed: bool
    ) -> Iterator[_Cue]:
        """Yield a paragraph as one cue, or its spans, where only they have times."""
        end = self._end(element, outside.offset, inside.offset)
        spans = [] if end is not None else [child for child in element if self._has_times(child)]
        if not spans:
            if timed:
                yield self._make(element, inside, inside.offset, inside.offset if end is None else end)
            return
        follows = find_attribute(element, "timeContainer") == "seq"
        at = inside.offset
        for span in spans:
            base = at if follows else inside.offset
            start = base + (self._begin(span) or 0)
            end = self._end(span, base, start)
            at = start if end is None else end
            yield self._make(span, inside.enter(span, start), start, at)

    def _make(self, element: Element, place: _Place, start: Fraction, end: Fraction) -> _Cue:
        text, name = read_text(element, 0).strip(), self._agents.get(place.agent, "")
        named = name and len(name) <= 60 and not any(c in name for c in "<>")
        return _Cue(SubtitleEntry(start, end, f"<v {name}>{text}" if named else text), place.language)

    def _has_times(self, element: Element) -> bool:
        return any(find_attribute(element, name) for name in ("begin", "end", "dur"))

    def _begin(self, element: Element) -> Fraction | None:
        text = find_attribute(element, "begin")
        return self._clock.seconds(text) if text else None

    def _end(self, element: Element, offset: Fraction, start: Fraction) -> Fraction | None:
        """Return when an element ends, counted from `offset` or by its length; None where it says neither."""
        end, lasting = find_attribute(element, "end"), find_attribute(element, "dur")
        if end:
            return offset + self._clock.seconds(end)
        return start + self._clock.seconds(lasting) if lasting else None


def read_text(element: Element, depth: int = 0) -> str:
    """Return an element's words, escaped, with `<i>` for italics and a newline for each `<br/>`."""
    if depth > _MOST_DEPTH:
        return ""
    # Line ends of the source are spaces; only <br/> breaks a line.
    parts = [_escaped(element.text)]
    for child in element:
        tag = name_tag(child)
        inside = "\n" if tag == "br" else "" if tag in _WORDLESS else read_text(child, depth + 1)
        parts += [inside, _escaped(child.tail)]
    text = "".join(parts)
    return f"<i>{text}</i>" if find_attribute(element, "fontStyle") == "italic" and text.strip() else text


def _escaped(text: str | None) -> str:
    return escape(re.sub(r"\s+", " ", text or ""), quote=False)


def read_rate(root: Element, usual: Fraction) -> Fraction:
    """Return the document's frame rate, `usual` if it states none."""
    stated = find_attribute(root, "frameRate").strip()
    factor = re.split(r"[\s:]+", (find_attribute(root, "frameRateMultiplier") or "1 1").strip())
    # Fraction("1e999999999") would count for hours.
    if not all(_RATE.match(number) and float(number) for number in (stated, factor[0], factor[-1])):
        return usual
    return Fraction(stated) * Fraction(factor[0]) / Fraction(factor[-1])


def name_tag(element: Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rsplit("}", maxsplit=1)[-1]


def find_attribute(element: Element, name: str) -> str:
    """Return an attribute by its name in any namespace, \"\" if there is none."""
    return next(
        (value for key, value in element.attrib.items() if key.rsplit("}", maxsplit=1)[-1] == name), ""
    )
