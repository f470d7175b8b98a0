"""Splits a Pro Tools session text into its head, clips, files and markers, as written. Pure.

Columns are separated by tabs and padded with spaces. Sections can be left out at export, and newer versions
of Pro Tools add columns, so columns are found by their titles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_HEAD = re.compile(r"([A-Z# ]+):\t?(.*)\Z")
_SPACED = re.compile(r"(?:\S [ ]?)+\S\Z")
_FILES = {"FILES IN SESSION", "ONLINE FILES IN SESSION", "OFFLINE FILES IN SESSION"}
_CLIPS = {"ONLINE CLIPS IN SESSION", "OFFLINE CLIPS IN SESSION"}
_TRACKS, _MARKERS = "TRACK LISTING", "MARKERS LISTING"
_FIRST = "SESSION NAME"
# Older versions call clips regions.
_NAME_COLUMNS = ("CLIP NAME", "REGION NAME")


@dataclass(frozen=True, slots=True)
class ClipRow:
    """One row of a track: positions as written. `timestamp` is "" if the text was exported without."""

    channel: int
    name: str
    start: str
    end: str
    timestamp: str
    muted: bool


@dataclass(slots=True)
class TrackText:
    """A track: its name, the words of its state ("Muted", "Inactive" ...) and its rows."""

    name: str
    state: frozenset[str] = frozenset()
    rows: list[ClipRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MarkerRow:
    """A marker: its position as written, its name and its comment."""

    location: str
    name: str
    comment: str = ""


@dataclass(slots=True)
class SessionText:
    """What is read of a text. `files` maps file names to folders, `sources` clip names to files."""

    head: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    tracks: list[TrackText] = field(default_factory=list)
    markers: list[MarkerRow] = field(default_factory=list)


def is_session_text(text: str) -> bool:
    """Return whether a text begins as a session text does."""
    return text.lstrip().startswith(f"{_FIRST}:")


def split_sections(text: str) -> SessionText:
    """Return the sections of a text. Rows that do not have the expected columns are left out."""
    found, section = SessionText(), ""
    titles: Sequence[str] = ()
    for line in text.splitlines():
        if name := _section_name(line):
            section, titles = name, ()
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if not section:
            _read_head(found, line)
        elif section == _TRACKS:
            titles = _read_track_line(found, line, cells, titles)
        elif not any(cells):
            continue
        elif section == _MARKERS:
            titles = _read_marker(found, cells, titles)
        elif section in _FILES and len(cells) > 1 and cells[0].lower() != "filename":
            found.files.setdefault(cells[0], cells[1])
        elif section in _CLIPS and len(cells) > 1 and cells[0].upper() != "CLIP NAME":
            found.sources.setdefault(cells[0], cells[1])
    return found


def _section_name(line: str) -> str:
    """Return the title of a section, which is written with a space after each letter; else ""."""
    plain = line.strip()
    if "\t" in plain or not _SPACED.match(plain):
        return ""
    name = " ".join("".join(word.split(" ")) for word in plain.split("  "))
    return name if name in {*_FILES, *_CLIPS, _TRACKS, _MARKERS} or name.endswith("LISTING") else ""


def _read_head(found: SessionText, line: str) -> None:
    if match := _HEAD.match(line):
        found.head.setdefault(match[1].strip(), match[2].strip())


def _read_track_line(
    found: SessionText, line: str, cells: Sequence[str], titles: Sequence[str]
) -> Sequence[str]:
    """Read one line of the track listing; return the titles of the columns that follow."""
    if cells[0] == "TRACK NAME:":
        found.tracks.append(TrackText(cells[1] if len(cells) > 1 else ""))
        return ()
    if not found.tracks:
        return titles
    track = found.tracks[-1]
    if line.startswith("STATE:"):
        track.state = frozenset(line.removeprefix("STATE:").split())
    elif cells[0] == "CHANNEL":
        return tuple(cells)
    elif titles and cells[0].isdigit() and (row := _clip_row(dict(zip(titles, cells, strict=False)))):
        track.rows.append(row)
    return titles


def _clip_row(cells: Mapping[str, str]) -> ClipRow | None:
    name = next((cells[title] for title in _NAME_COLUMNS if title in cells), None)
    start, end = cells.get("START TIME", ""), cells.get("END TIME", "")
    if name is None or not start or not end:
        return None
    return ClipRow(
        int(cells["CHANNEL"]), name, start, end, cells.get("TIMESTAMP", ""), cells.get("STATE") == "Muted"
    )


def _read_marker(found: SessionText, cells: Sequence[str], titles: Sequence[str]) -> Sequence[str]:
    """Read one line of the markers; return the titles. The comment of a marker may go on in further lines."""
    if cells[0] == "#":
        return tuple(cells)
    row = dict(zip(titles, cells, strict=False))
    if row.get("#", "").isdigit():
        found.markers.append(MarkerRow(row.get("LOCATION", ""), row.get("NAME", ""), row.get("COMMENTS", "")))
    elif found.markers and row.get("COMMENTS"):
        last = found.markers[-1]
        found.markers[-1] = MarkerRow(last.location, last.name, f"{last.comment}\n{row['COMMENTS']}".strip())
    return titles


def each_clip(track: TrackText) -> Iterator[tuple[ClipRow, int]]:
    """Yield each clip of a track once, with its number of channels: each channel has a row of its own."""
    widths: dict[tuple[str, str], int] = {}
    for row in track.rows:
        key = (row.start, row.end)
        widths[key] = max(widths.get(key, 0), row.channel)
    for row in track.rows:
        if row.channel == 1:
            yield row, widths[row.start, row.end]
