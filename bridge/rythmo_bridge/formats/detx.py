"""Writes DetX, the rythmo bands of Cappella: roles, loops, cuts, and lines with their lip signs.

Each line has one text: some programs read only the first. `detx` carries lip signs; `detx-plain` says only
where lines begin and end (`in_open`, `out_open`), because Subtitle Edit takes other signs for the ends of
lines.

Lip signs are those of the original actor's mouth. They are estimated from the letters and times of the
recognised words, not seen in the picture, and not linked to the text. Languages that are not written in Latin
letters get none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rythmo.files import write_atomically
from rythmo.script.sound_notes import strip_sound_notes
from rythmo.timebase import format_timecode
from rythmo_bridge.formats.captions import language_path
from rythmo_bridge.formats.registry import Format, Write
from rythmo_bridge.timeline import DialogueEntry, Role, Timeline
from rythmo_bridge.xml_text import document, element, leaf

TRACKS = 4
"""Rows of a band."""
_SIGNS = {"m": "mpb", "p": "mpb", "b": "mpb", "f": "fvr", "v": "fvr"}
"""Letters at which the lips meet, or the lip meets the teeth."""
_CLOSED = frozenset("mpb")
_LATIN = re.compile(r"[a-z]")
_COLOURS = ("#1F6FD0", "#D0561F", "#2E8B57", "#8A4FD0", "#B8860B", "#C2417C", "#0F8F8F", "#5A5A5A")
_VOICES = {"ON": "on", "OFF": "off", "ON_OFF": "semi_off", "OFF_ON": "semi_off"}


@dataclass(frozen=True, slots=True)
class _Sign:
    at: int
    kind: str
    linked: bool = True


def render(timeline: Timeline, language: str, *, signs: bool) -> bytes:
    """Return the band in one of the timeline's languages; `signs` adds lip signs."""
    roles = _list_roles(timeline)
    root = element(
        "detx",
        element("header", *_write_header(timeline)),
        element("roles", *_write_roles(timeline, roles)),
        element("body", *_write_body(timeline, language, roles, signs=signs)),
    )
    return document(root)


def _write_header(timeline: Timeline) -> Iterator[str]:
    start = _write_frame(timeline, 0)
    rate = f"{float(timeline.frame_rate):.3f}".rstrip("0").rstrip(".")
    yield leaf("title", timeline.name)
    yield leaf("videofile", _find_picture(timeline), {"timestamp": start, "tctype": rate})
    yield leaf("last_position", "", {"timecode": start, "track": 0})


def _find_picture(timeline: Timeline) -> str:
    """Return the name of the picture's file, without its folder."""
    for track, item in timeline.items():
        media = timeline.media_of(item)
        if track.role is Role.PICTURE and media is not None:
            return media.name
    return ""


def _list_roles(timeline: Timeline) -> dict[str, str]:
    """Return an id for each speaker: Latin letters and digits, each once."""
    roles: dict[str, str] = {}
    for entry in timeline.dialogue:
        key = entry.speaker_id or entry.speaker
        if key in roles:
            continue
        bare = re.sub(r"\W", "_", _fold(entry.speaker), flags=re.ASCII) or "role"
        name, number = bare, 1
        while name in roles.values():
            number += 1
            name = f"{bare}_{number}"
        roles[key] = name
    return roles


def _write_roles(timeline: Timeline, roles: Mapping[str, str]) -> Iterator[str]:
    names = {entry.speaker_id or entry.speaker: entry.speaker for entry in timeline.dialogue}
    for number, (key, role) in enumerate(roles.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        yield leaf("role", "", {"id": role, "name": names[key], "color": colour, "description": ""})


def _write_body(timeline: Timeline, language: str, roles: Mapping[str, str], *, signs: bool) -> list[str]:
    """Return loops, shots and lines in order of time."""
    rows = _choose_rows(timeline)
    parts = [
        (at, 0, leaf("loop", "", {"timecode": _write_frame(timeline, at), "number": number}))
        for at, number in _list_loop_marks(timeline, language)
    ]
    parts += [(at, 1, leaf("shot", "", {"timecode": _write_frame(timeline, at)})) for at in timeline.shots]
    parts += [
        (
            _find_range(entry, language, timeline)[0],
            2,
            _write_line(timeline, entry, language, roles, row, signs),
        )
        for entry, row in zip(timeline.dialogue, rows, strict=True)
        if _find_words(entry, language, timeline)
    ]
    return [text for _, _, text in sorted(parts, key=lambda part: part[:2])]


def _list_loop_marks(timeline: Timeline, language: str) -> list[tuple[int, str]]:
    """Return where loops begin, and their numbers. A mark ends the loop before it, so that loops of several
    characters at one time, as a plan by character has them, have no marks."""
    starts: dict[str, list[int]] = {}
    for entry in timeline.dialogue:
        starts.setdefault(entry.loop, []).append(_find_range(entry, language, timeline)[0])
    marks = [(min(starts[one.number]), one.number) for one in timeline.loops if one.number in starts]
    ends = [max(starts[number]) for _, number in marks]
    apart = all(end < following for end, (following, _) in zip(ends, marks[1:], strict=False))
    return marks if apart else []


def _is_dub(language: str, timeline: Timeline) -> bool:
    return language == timeline.language and language != timeline.source_language


def _find_words(entry: DialogueEntry, language: str, timeline: Timeline) -> str:
    words = entry.translation if _is_dub(language, timeline) else entry.text
    return " ".join(words.split())


def _find_range(entry: DialogueEntry, language: str, timeline: Timeline) -> tuple[int, int]:
    return (entry.start, entry.end) if _is_dub(language, timeline) else entry.spoken_range


def _write_line(
    timeline: Timeline,
    entry: DialogueEntry,
    language: str,
    roles: Mapping[str, str],
    row: int,
    signs: bool,  # noqa: FBT001 - one call
) -> str:
    start, end = _find_range(entry, language, timeline)
    words = _find_words(entry, language, timeline)
    # A frame is the least that a program shows; readers leave out lines without a length.
    end = max(end, start + round(timeline.sample_rate / timeline.frame_rate))
    inner = _estimate_signs(entry, start, end) if signs else []
    opened, closed = _read_edges(entry.text) if signs else (True, True)
    attributes = {
        "role": roles[entry.speaker_id or entry.speaker],
        "track": row,
        "voice": _VOICES.get(entry.on_screen),
        "type": None if strip_sound_notes(words) else "reac",
    }
    first = _Sign(start, "in_open" if opened else "in_close")
    last = _Sign(end, "out_open" if closed else "out_close")
    return element(
        "line",
        _write_sign(timeline, first),
        *(_write_sign(timeline, sign) for sign in inner),
        leaf("text", words),
        _write_sign(timeline, last),
        attributes=attributes,
    )


def _write_sign(timeline: Timeline, sign: _Sign) -> str:
    attributes = {"timecode": _write_frame(timeline, sign.at), "type": sign.kind}
    return leaf("lipsync", "", attributes if sign.linked else {**attributes, "link": "off"})


def _estimate_signs(entry: DialogueEntry, start: int, end: int) -> list[_Sign]:
    """Return the signs of the original's lips inside a line, in order of time."""
    found = []
    for word in entry.words:
        letters = _fold(word.text)
        for place, letter in enumerate(letters):
            at = word.start + (word.end - word.start) * place // max(1, len(letters))
            doubled = place > 0 and letters[place - 1] == letter
            if letter in _SIGNS and not doubled and start < at < end:
                found.append(_Sign(at, _SIGNS[letter], linked=False))
    return sorted(found, key=lambda sign: sign.at)


def _read_edges(text: str) -> tuple[bool, bool]:
    """Return whether the mouth is open where a line begins, and where it ends."""
    letters = _LATIN.findall(_fold(strip_sound_notes(text)))
    if not letters:
        return True, True
    return letters[0] not in _CLOSED, letters[-1] not in _CLOSED


def _fold(text: str) -> str:
    """Return a text in lower case without accents."""
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _choose_rows(timeline: Timeline) -> Sequence[int]:
    """Return the row of each line: its speaker's, another one where that is taken at the time."""
    places = {key: place for place, key in enumerate(_list_roles(timeline))}
    free = [0] * TRACKS
    rows = []
    for entry in timeline.dialogue:
        start, end = min(entry.start, entry.spoken_range[0]), max(entry.end, entry.spoken_range[1])
        own = places[entry.speaker_id or entry.speaker] % TRACKS
        order = [own, *(row for row in range(TRACKS) if row != own)]
        row = next((row for row in order if free[row] <= start), own)
        free[row] = max(free[row], end)
        rows.append(row)
    return rows


def _write_frame(timeline: Timeline, samples: int) -> str:
    frame = timeline.start_frame + timeline.frame(samples)
    # The format has no semicolon: labels are written as the programme counts.
    return format_timecode(frame, timeline.frame_rate, drop=timeline.drop).replace(";", ":")


def _write_languages(suffix: str, *, signs: bool) -> Write:
    def write(delivery: Timeline, target: Path) -> tuple[Path, ...]:
        """Write the dub's band at the target, and the original's beside it under its own code."""
        made = []
        for language in dict.fromkeys((delivery.language, delivery.source_language or delivery.language)):
            path = language_path(target, delivery.language, language, suffix)
            write_atomically(path, render(delivery, language, signs=signs))
            made.append(path)
        return tuple(made)

    return write


def _make_format(name: str, suffix: str, summary: str, *, signs: bool) -> Format:
    def names(stem: str, languages: tuple[str, ...]) -> tuple[str, ...]:
        target, main = Path(f"{stem}{suffix}"), languages[0]
        return tuple(language_path(target, main, each, suffix).name for each in dict.fromkeys(languages))

    write = _write_languages(suffix, signs=signs)
    return Format(name, suffix, summary, write=write, names=names, timeline=False, loops=True)


FORMAT = _make_format("detx", ".detx", "DetX rythmo band with lip signs, one file a language", signs=True)
PLAIN = _make_format(
    "detx-plain", ".plain.detx", "DetX rythmo band without lip signs, one file a language", signs=False
)
