"""Reads TTML (DFXP, IMSC, EBU-TT): times of paragraphs, line breaks, italics."""

from __future__ import annotations

import re
from fractions import Fraction
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from rythmo.errors import SubtitleError
from rythmo_bridge.subtitles.entries import SubtitleEntry

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ROOT = re.compile(r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:\w+:)?tt[\s>]", re.DOTALL)
_CLOCK = re.compile(r"(\d+):(\d{2}):(\d{2})(?:([.:])(\d+))?\Z")
_COUNT = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|f|t)\Z")
_MOST_DEPTH = 40


def looks_like_ttml(text: str) -> bool:
    """Whether a text begins as a TTML document."""
    return bool(_ROOT.match(text))


def parse_ttml(text: str, path: Path, rate: Fraction) -> list[SubtitleEntry]:
    """Return the paragraphs that have times; `rate` counts frames if the document states no rate.

    Raises:
        SubtitleError: The document is not XML, or a time cannot be read.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(text.lstrip(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        raise SubtitleError(
            f"{path} cannot be read as TTML: {error}.", hint="Export it again, or save it as SRT."
        ) from error
    clock = _Clock(path, _rate(root, rate), Fraction(_attribute(root, "tickRate") or 1))
    return [
        entry for body in root if _tag(body) == "body" for entry in _paragraphs(body, clock, Fraction(0), 0)
    ]


class _Clock:
    """Reads the time expressions of one document."""

    def __init__(self, path: Path, rate: Fraction, ticks: Fraction) -> None:
        self._path, self._rate, self._ticks = path, rate, ticks

    def seconds(self, text: str) -> Fraction:
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


def _paragraphs(element: Element, clock: _Clock, offset: Fraction, depth: int) -> list[SubtitleEntry]:
    """Return the paragraphs of a body or division; times count from those of what contains them."""
    begin = _attribute(element, "begin")
    start = offset + (clock.seconds(begin) if begin else 0)
    if _tag(element) != "p":
        if depth > _MOST_DEPTH:
            return []
        return [entry for child in element for entry in _paragraphs(child, clock, start, depth + 1)]
    if not begin:
        return []
    end, lasting = _attribute(element, "end"), _attribute(element, "dur")
    stop = offset + clock.seconds(end) if end else start + (clock.seconds(lasting) if lasting else 0)
    return [SubtitleEntry(start, stop, _text(element, 0).strip())]


def _text(element: Element, depth: int) -> str:
    if depth > _MOST_DEPTH:
        return ""
    # Line ends of the source are spaces; only <br/> breaks a line.
    parts = [_escaped(element.text)]
    for child in element:
        tag = _tag(child)
        inside = "\n" if tag == "br" else "" if tag == "metadata" else _text(child, depth + 1)
        parts += [inside, _escaped(child.tail)]
    text = "".join(parts)
    return f"<i>{text}</i>" if _attribute(element, "fontStyle") == "italic" and text.strip() else text


def _escaped(text: str | None) -> str:
    return escape(re.sub(r"\s+", " ", text or ""), quote=False)


def _rate(root: Element, usual: Fraction) -> Fraction:
    stated = _attribute(root, "frameRate")
    factor = re.split(r"[\s:]+", _attribute(root, "frameRateMultiplier") or "1 1")
    try:
        return Fraction(stated) * Fraction(factor[0]) / Fraction(factor[-1]) if stated else usual
    except (ValueError, ZeroDivisionError):
        return usual


def _tag(element: Element) -> str:
    return str(element.tag).rsplit("}", maxsplit=1)[-1]


def _attribute(element: Element, name: str) -> str:
    return next(
        (value for key, value in element.attrib.items() if key.rsplit("}", maxsplit=1)[-1] == name), ""
    )
