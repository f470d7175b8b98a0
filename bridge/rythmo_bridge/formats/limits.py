"""Limits for timeline files (sizes, depths, rates, lengths), and the safe parsing of their text.

Timelines come from anywhere. Nothing here opens a path or an address that a file names.
"""

from __future__ import annotations

import gc
import json
import math
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, NoReturn, ParamSpec
from xml.etree.ElementTree import (
    Element,
    ParseError,
    TreeBuilder,
    fromstring,
)

from rythmo.errors import InputError, TimelineError
from rythmo.files import make_printable
from rythmo.timebase import SAMPLE_RATE, snap_rate
from rythmo_bridge.formats.stills import with_stills
from rythmo_bridge.timeline import Timeline

MAX_BYTES = 1 << 29
"""The largest text file read; 20000 lines in the wordiest format are 80 MB."""
# Opening and closing tags; 20000 lines in the wordiest format have 3 million.
_MAX_TAGS = 12_000_000
MAX_DEPTH = 250
"""Nesting depth of elements or objects; real timelines stay below 40."""
MAX_NESTED = 16
"""Nesting depth of sequences."""
MAX_SECONDS = 366 * 24 * 3600
_MAX_AUDIO_RATE = 1_000_000
_VIDEO_RATES_END = 1000


Read = Callable[[Path], Timeline]
P = ParamSpec("P")


def without_garbage_collection(read: Callable[P, Timeline]) -> Callable[P, Timeline]:
    """Wrap a reader so that Python's cyclic garbage collector is off while it runs.

    A timeline is a million small objects without reference cycles, and collecting takes as long as reading
    them.
    """

    @wraps(read)
    def reading(*args: P.args, **kwargs: P.kwargs) -> Timeline:
        swept = gc.isenabled()
        gc.disable()
        try:
            return with_stills(read(*args, **kwargs))
        finally:
            if swept:
                gc.enable()

    return reading


def require_file(path: Path) -> None:
    """Raise TimelineError if there is no such file."""
    if not path.is_file():
        raise TimelineError(f"There is no file {make_printable(path)}.", hint="Check the path.")


def read_bytes(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        TimelineError: It does not exist, is empty or is far too large.
    """
    require_file(path)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise TimelineError(f"{make_printable(path)} is too large for a timeline ({size >> 20} MB).")
        data = path.read_bytes()
    except OSError as error:
        raise TimelineError(
            f"{make_printable(path)} cannot be read: {error.strerror}.", hint="Check it."
        ) from error
    if not data.strip():
        raise unreadable_error(path, "the file is empty")
    return data


def unreadable_error(path: Path, why: str, hint: str = "") -> TimelineError:
    """Return the error for a file that cannot be used, on one line."""
    return TimelineError(f"{make_printable(path)} cannot be read: {why}.", hint=hint or "Export it again.")


def parse_xml(path: Path, data: bytes) -> Element:
    """Return the root element. Entities, external references and deep nesting raise TimelineError.

    Declarations can only precede the root element, so defusedxml parses up to there. ElementTree's C parser,
    which takes a tenth of the time, parses the whole; it knows no entities but XML's five.
    """
    if data.count(b"<") > _MAX_TAGS:
        raise unreadable_error(path, "it holds far too many elements")
    try:
        _check_prolog(path, data)
        root = fromstring(data)  # noqa: S314 - nothing is declared, and defusedxml saw to it
    except (ParseError, ValueError, LookupError) as error:
        raise unreadable_error(path, f"it is not well-formed XML ({error})") from error
    if _lies_deeper(root, MAX_DEPTH):
        raise unreadable_error(path, f"its elements are nested more than {MAX_DEPTH} deep")
    return root


class _RootReachedError(Exception):
    """Ends the parsing of the prolog."""


class _Prolog(TreeBuilder):
    """A parser target that stops at the root element."""

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:  # noqa: ARG002 - as expat calls it
        raise _RootReachedError


def _check_prolog(path: Path, data: bytes) -> None:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    parser = DefusedXMLParser(target=_Prolog())
    try:
        parser.feed(data)
        parser.close()
    except _RootReachedError:
        return
    except DefusedXmlException as error:
        raise unreadable_error(
            path, "it declares entities or refers to other files, which no timeline needs"
        ) from error


def _lies_deeper(root: Element, limit: int) -> bool:
    level = [root]
    for _ in range(limit):
        level = [child for parent in level for child in parent]
        if not level:
            return False
    return True


def parse_json(path: Path, data: bytes) -> Any:
    """Return the document. NaN, infinities and deep nesting raise TimelineError."""

    def constant(name: str) -> NoReturn:
        raise ValueError(f"{name} is not a number")

    try:
        document = json.loads(data, parse_constant=constant)
    except RecursionError as error:
        raise unreadable_error(path, "its objects are nested far too deeply") from error
    except ValueError as error:
        raise unreadable_error(path, f"it is not valid JSON ({error})") from error
    if _depth_exceeds(document, MAX_DEPTH):
        raise unreadable_error(path, f"its objects are nested more than {MAX_DEPTH} deep")
    return document


def _depth_exceeds(document: Any, limit: int) -> bool:
    level = [document]
    for _ in range(limit):
        level = [
            child
            for value in level
            for child in (value.values() if isinstance(value, dict) else value)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


@lru_cache(maxsize=256)
def frame_rate(value: float | str | Fraction) -> Fraction:
    """Return a frame rate, snapped to the nearest standard one.

    Raises:
        TimelineError: The value cannot be a frame rate.
    """
    try:
        rate = snap_rate(value)
    except InputError as error:
        raise TimelineError(f"{value!r} is not a frame rate.", hint="Export the timeline again.") from error
    if rate <= 0:
        # A rate such as one frame a month snaps to zero.
        raise TimelineError(f"{float(value)!r} is not a frame rate.", hint="Export the timeline again.")
    return rate


@lru_cache(maxsize=256)
def any_rate(value: float | Fraction) -> Fraction:
    """Return a rate of picture or of sound (48000).

    Raises:
        TimelineError: The value cannot be a rate.
    """
    if not math.isfinite(value):
        raise TimelineError(f"{value!r} is not a rate.", hint="Export the timeline again.")
    if value < _VIDEO_RATES_END:
        return frame_rate(value)
    if value > _MAX_AUDIO_RATE:
        raise TimelineError(f"{value!r} is not a rate.", hint="Export the timeline again.")
    return Fraction(value)


def to_samples(seconds: Fraction) -> int:
    """Convert seconds to a sample position.

    Raises:
        TimelineError: It is more than a year from zero.
    """
    return _rounded(seconds.numerator, seconds.denominator)


def frames_to_samples(frames: int, rate: Fraction) -> int:
    """Convert a count of frames to samples.

    Raises:
        TimelineError: It is more than a year from zero.
    """
    return _rounded(frames * rate.denominator, rate.numerator)


def _rounded(seconds: int, parts: int) -> int:
    """Return `seconds / parts` in samples. Plain integers, because readers need several for each clip."""
    if abs(seconds) > MAX_SECONDS * parts:
        raise TimelineError(
            "The timeline holds a position or length of more than a year.", hint="Export it again."
        )
    return (2 * seconds * SAMPLE_RATE + parts) // (2 * parts)


def require_length(length: int, what: str) -> int:
    """Return a length above zero.

    Raises:
        TimelineError: The length is zero or negative; the message names the clip.
    """
    if length <= 0:
        raise TimelineError(
            f"{what or 'A clip'} has no length or a negative one.", hint="Remove it and export again."
        )
    return length


def has_length(length: int, what: str, left_out: list[str]) -> bool:
    """Whether a clip has a length; the names of clips without one are collected in `left_out`.

    Raises:
        TimelineError: The length is negative.
    """
    if length < 0:
        raise TimelineError(f"{what or 'A clip'} has a negative length.", hint="Remove it and export again.")
    if not length:
        left_out.append(what)
    return bool(length)
