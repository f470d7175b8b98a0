"""Reads DAPT (W3C, Dubbing and Audio description Profiles of TTML2): events, their texts and characters.

Script events are the divisions without further divisions that have an id, as the specification's processing
rules say. Times count from those of the element around them; the origin's timecode is metadata and moves
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from rythmo.errors import InputError
from rythmo.timebase import parse_timecode
from rythmo_bridge.subtitles.script_document import ScriptDocument, ScriptEvent, ScriptText
from rythmo_bridge.subtitles.ttml_reader import (
    MediaClock,
    find_attribute,
    looks_like_ttml,
    make_clock,
    name_tag,
    parse_xml,
    read_rate,
    read_text,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_DAPT = re.compile(r"ttml/profile/dapt[\d.]*(?:/content|#metadata)")
_LOOKED_AT = 4000
_MOST_DEPTH = 40
_OPEN_END = Fraction(2)
"""Seconds for an event whose end the document leaves open."""
_ORIGINAL = frozenset({"", "und", "zxx"})
_SCREEN = frozenset({"ON", "OFF", "ON_OFF", "OFF_ON"})
LOOP, DIRECTION = "x-loop", "x-direction"
"""The types of our own descriptions."""


def looks_like_dapt(text: str) -> bool:
    """Whether a text begins as a DAPT document."""
    return looks_like_ttml(text) and bool(_DAPT.search(text[:_LOOKED_AT]))


def parse_dapt(text: str, path: Path, rate: Fraction) -> ScriptDocument:
    """Return the script of a document; `rate` counts frames if it states no rate.

    Raises:
        SubtitleError: The document is not XML, or a time cannot be read.
    """
    root = parse_xml(text, path, "DAPT")
    clock = make_clock(root, path, rate)
    start = _Context(clock, _list_characters(root))
    whole = start.enter(root)
    events = tuple(
        event
        for body in root
        if name_tag(body) == "body"
        for event in _list_events(body, whole.enter(body), 0)
    )
    stated = read_rate(root, Fraction(0))
    translated = [text for event in events for text in event.texts if text.translated]
    return ScriptDocument(
        tuple(sorted(events, key=lambda event: event.start)),
        title=_find_content(root, "title"),
        rate=stated or None,
        start=_read_origin(root, stated or rate),
        language=translated[0].language if translated else find_attribute(root, "lang"),
        source_language=next(
            (text.language for event in events for text in event.texts if not text.translated), ""
        ),
    )


@dataclass(frozen=True, slots=True)
class _Context:
    """What an element inherits: the time it counts from and must end by, its language, its text's source, and
    whether its speaker is seen."""

    clock: MediaClock
    characters: Mapping[str, str]
    begin: Fraction = Fraction(0)
    end: Fraction | None = None
    language: str = ""
    source: str = ""

    def enter(self, element: Element) -> _Context:
        """Return the context of a child."""
        begin, end, lasting = (find_attribute(element, name) for name in ("begin", "end", "dur"))
        start = self.begin + (self.clock.seconds(begin) if begin else 0)
        ends = [self.end] if self.end is not None else []
        ends += [self.begin + self.clock.seconds(end)] if end else []
        ends += [start + self.clock.seconds(lasting)] if lasting else []
        return replace(
            self,
            begin=start,
            end=min(ends, default=None),
            language=find_attribute(element, "lang") or self.language,
            source=_find_own(element, "langSrc", self.source),
        )


def _find_own(element: Element, name: str, inherited: str) -> str:
    """Return an attribute, which may be empty, or what is inherited."""
    keys = [key for key in element.attrib if key.rsplit("}", maxsplit=1)[-1] == name]
    return element.attrib[keys[0]] if keys else inherited


def _list_characters(root: Element) -> dict[str, str]:
    """Return the names of characters and people, by id."""
    return {
        find_attribute(agent, "id"): _find_content(agent, "name")
        for agent in root.iter()
        if name_tag(agent) == "agent" and len(agent)
    }


def _find_content(element: Element, tag: str) -> str:
    found = next((child for child in element.iter() if name_tag(child) == tag), None)
    return " ".join((found.text or "").split()) if found is not None else ""


def _list_events(element: Element, context: _Context, depth: int) -> Iterator[ScriptEvent]:
    divisions = [child for child in element if name_tag(child) == "div"]
    if divisions and depth < _MOST_DEPTH:
        for child in divisions:
            yield from _list_events(child, context.enter(child), depth + 1)
    elif not divisions and name_tag(element) == "div" and find_attribute(element, "id"):
        yield _read_event(element, context)


def _read_event(element: Element, context: _Context) -> ScriptEvent:
    descriptions = {
        find_attribute(child, "descType"): " ".join("".join(child.itertext()).split())
        for child in element
        if name_tag(child) == "desc"
    }
    agents = find_attribute(element, "agent").split()
    screen = find_attribute(element, "onScreen")
    end = context.end if context.end is not None else context.begin + _OPEN_END
    return ScriptEvent(
        id=find_attribute(element, "id"),
        start=context.begin,
        end=max(context.begin, end),
        speakers=tuple(name for agent in agents if (name := context.characters.get(agent, agent))),
        texts=tuple(_read_text(child, context.enter(child)) for child in element if name_tag(child) == "p"),
        screen=screen if screen in _SCREEN else "",
        loop=descriptions.get(LOOP, ""),
        direction=descriptions.get(DIRECTION, ""),
    )


def _read_text(element: Element, context: _Context) -> ScriptText:
    source = context.source
    translated = source not in _ORIGINAL and source.casefold() != context.language.casefold()
    lines = (" ".join(line.split()) for line in read_text(element).split("\n"))
    return ScriptText("\n".join(line for line in lines if line), context.language, translated)


def _read_origin(root: Element, rate: Fraction) -> int | None:
    """Return the timecode of the document's zero in frames, None where it does not say."""
    stated = _find_content(root, "daptOriginTimecode")
    try:
        return parse_timecode(stated, rate, drop=False).frame if stated else None
    except InputError:
        return None
