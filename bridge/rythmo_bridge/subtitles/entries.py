"""Repairs entries of a subtitle file: impossible times, duplicates, rolling captions, bilingual cues. Pure.

Every repair is reported in a note.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from rythmo.counts import format_count
from rythmo.languages import language_name
from rythmo.script.language_check import guess_language
from rythmo.script.writing_systems import SCRIPTS, count_scripts, measure_script_share
from rythmo_bridge.subtitles.cue_text import plain_text

_SHORTEST = Fraction(1, 20)
# Reading speed, in letters a second, that sets the length of a cue without one.
_READING_CPS = 15
_LEAST_READING = Fraction(7, 10)
_ADJACENT = Fraction(3, 10)
_ROLLING_SHARE = 0.4
_NAMED_LINES = 5
_NEIGHBOURS = 8
_MOST_SHARE = 0.7
_STROKE = re.compile(r"\s+[/|]\s+|\s*\t\s*")
_TWICE = "A cue occurs twice and was read once|cues occur twice and were read once"


@dataclass(frozen=True, slots=True)
class SubtitleEntry:
    """One cue as in the file: seconds from the file's zero, its text with markup, and its line number.

    A `silent` one is read, not said: a sign in the picture.
    """

    start: Fraction
    end: Fraction
    text: str
    line: int = 0
    silent: bool = False


@dataclass(frozen=True, slots=True)
class TidyEntries:
    """Entries that can be used, in order of start, and notes on what was repaired."""

    entries: tuple[SubtitleEntry, ...]
    notes: tuple[str, ...] = ()


def tidy_entries(entries: Sequence[SubtitleEntry], language: str = "") -> TidyEntries:
    """Repair entries; `language` is the one that the file should be in."""
    told: dict[str, list[int]] = defaultdict(list)
    made = [_in_order(entry, told) for entry in entries]
    kept = sorted((entry for entry in made if entry is not None), key=lambda entry: entry.start)
    kept = _without_doubles(kept, told)
    kept = _unroll_captions(kept, told)
    kept = _one_language(kept, language, told)
    kept = _with_length(kept, told)
    return TidyEntries(tuple(kept), tuple(_note(message, lines) for message, lines in told.items()))


def _note(message: str, lines: list[int]) -> str:
    shown = ", ".join(str(line) for line in lines[:_NAMED_LINES]) + (
        ", ..." if len(lines) > _NAMED_LINES else ""
    )
    where = f" (line{'s' if len(lines) > 1 else ''} {shown})" if any(lines) else ""
    one, several = message.split("|")
    return (one if len(lines) == 1 else f"{len(lines)} {several}") + where + "."


def _in_order(entry: SubtitleEntry, told: dict[str, list[int]]) -> SubtitleEntry | None:
    if entry.end < entry.start:
        told["A cue ends before it begins: its times were swapped|cues end before they "
             "begin: their times were swapped"].append(entry.line)  # fmt: skip
        entry = replace(entry, start=entry.end, end=entry.start)
    if entry.end <= 0 and entry.start < 0:
        told["A cue ends before the film begins and was left out|cues end before the film begins and were "
             "left out"].append(entry.line)  # fmt: skip
        return None
    if entry.start < 0:
        told["A cue begins before the film and was trimmed|cues begin before the film and were "
             "trimmed"].append(entry.line)  # fmt: skip
        entry = replace(entry, start=Fraction(0))
    return entry


def _without_doubles(entries: Sequence[SubtitleEntry], told: dict[str, list[int]]) -> list[SubtitleEntry]:
    """Drop entries that repeat the words of another at (nearly) the same time."""
    kept: list[SubtitleEntry] = []
    said: list[str] = []
    for entry in entries:
        words = _words(entry)
        near = zip(kept[-_NEIGHBOURS:], said[-_NEIGHBOURS:], strict=True)
        if not any(text == words and _same_time(old, entry) for old, text in near):
            kept.append(entry)
            said.append(words)
        elif words:
            told[_TWICE].append(entry.line)
    return kept


def _same_time(one: SubtitleEntry, other: SubtitleEntry) -> bool:
    shared = min(one.end, other.end) - max(one.start, other.start)
    shortest = min(one.end - one.start, other.end - other.start)
    return one.start == other.start or (shared > 0 and 2 * shared >= shortest)


def _words(entry: SubtitleEntry) -> str:
    return " ".join(plain_text(entry.text).casefold().split())


def _unroll_captions(entries: list[SubtitleEntry], told: dict[str, list[int]]) -> list[SubtitleEntry]:
    """Remove repeated lines of roll-up captions (shown two or three times) and growing paint-on captions."""
    bodies = [plain_text(entry.text).split("\n") for entry in entries]
    joins = [
        max(_repeated(a, b), -1 if _grows(a, b) else 0) or (-1 if _grows(a, b) else 0)
        if _adjacent(one, other) else 0
        for (one, a), (other, b) in pairwise(zip(entries, bodies, strict=True))
    ]  # fmt: skip
    # "No!" three times is said three times: captions that roll bring new lines as well.
    new = sum(join < 0 or bool(join and body[join:]) for join, body in zip(joins, bodies[1:], strict=True))
    if sum(bool(join) for join in joins) < max(2, _ROLLING_SHARE * len(joins)) or not new:
        return entries
    made = [entries[0]]
    for entry, body, join in zip(entries[1:], bodies[1:], joins, strict=True):
        if join < 0:
            made[-1] = replace(made[-1], end=max(entry.end, made[-1].end), text=entry.text)
        elif join and not body[join:]:
            made[-1] = replace(made[-1], end=max(entry.end, made[-1].end))
        else:
            made.append(replace(entry, text="\n".join(body[join:])) if join else entry)
    changed = sum(bool(join) for join in joins)
    told[f"Captions that roll up or grow were read once each ({changed} repeats)|"] = [0]
    return made


def _adjacent(one: SubtitleEntry, other: SubtitleEntry) -> bool:
    return other.start - one.end <= _ADJACENT


def _repeated(before: Sequence[str], after: Sequence[str]) -> int:
    """Return how many of the first lines of `after` are the last lines of `before`."""
    most = min(len(before), len(after))
    return next((n for n in range(most, 0, -1) if list(before[-n:]) == list(after[:n])), 0)


def _grows(before: Sequence[str], after: Sequence[str]) -> bool:
    one, other = " ".join(before), " ".join(after)
    return bool(one) and len(other) > len(one) and other.startswith(one + " ")


def _one_language(
    entries: list[SubtitleEntry], language: str, told: dict[str, list[int]]
) -> list[SubtitleEntry]:
    """Keep the lines in the expected language, of cues that hold each text in two languages.

    The second text stands on lines of its own, behind a stroke, or in a cue of the same times.
    """
    layouts: tuple[Callable[[list[SubtitleEntry]], list[SubtitleEntry]], ...] = (
        list,
        _split_strokes,
        _join_pairs,
    )
    for lay_out in layouts:
        laid = lay_out(entries)
        keep = _chooser(laid, language) if laid else None
        if keep is not None:
            entries = laid
            break
    else:
        return entries
    made, changed = [], 0
    for entry in entries:
        lines = plain_text(entry.text).split("\n")
        own = keep(lines)
        changed += own != lines
        if own:
            made.append(entry if own == lines else replace(entry, text="\n".join(own)))
    wanted = language_name(language)
    told[
        f"The cues are in two languages: the lines in {wanted} were used ({format_count(changed, 'cue')})|"
    ] = [0]
    return made


def _split_strokes(entries: list[SubtitleEntry]) -> list[SubtitleEntry]:
    """Return the entries with a new line for the stroke in "Good morning. / Buenos días."; empty if most
    have none."""
    made = []
    for entry in entries:
        parts = _STROKE.split(plain_text(entry.text))
        if len(parts) == 2 and "\n" not in parts[0] + parts[1]:
            made.append(replace(entry, text="\n".join(parts)))
        else:
            made.append(entry)
    split = sum(one is not other for one, other in zip(made, entries, strict=True))
    return made if split >= _MOST_SHARE * len(entries) else []


def _join_pairs(entries: list[SubtitleEntry]) -> list[SubtitleEntry]:
    """Return the entries with the two of the same times as one; empty if most are not in twos."""
    groups: dict[tuple[Fraction, Fraction], list[SubtitleEntry]] = defaultdict(list)
    for entry in entries:
        groups[entry.start, entry.end].append(entry)
    if 2 * sum(len(group) == 2 for group in groups.values()) < _MOST_SHARE * len(entries):
        return []
    return [replace(group[0], text="\n".join(each.text for each in group)) for group in groups.values()]


def _chooser(entries: Sequence[SubtitleEntry], language: str) -> Callable[[list[str]], list[str]] | None:
    """Return what picks the lines of the language, or None if the cues hold one language."""
    base = language.split("-", maxsplit=1)[0]
    bodies = [lines for entry in entries if len(lines := plain_text(entry.text).split("\n")) > 1]
    if base not in SCRIPTS or len(bodies) < max(2, len(entries) // 2):
        return None
    mixed = [lines for lines in bodies if len({_own(line, base) for line in lines} - {None}) == 2]
    if len(mixed) >= 0.7 * len(bodies):
        return lambda lines: [line for line in lines if _own(line, base) is not False]
    return _by_halves(bodies, base)


def _own(line: str, language: str) -> bool | None:
    if sum(count_scripts(line).values()) < 2:
        return None
    share = measure_script_share(line, language)
    return None if share is None else share >= 0.5


def _by_halves(bodies: Sequence[list[str]], language: str) -> Callable[[list[str]], list[str]] | None:
    """Separate two languages of one script: all first halves are in one, all second halves in the other."""
    if any(len(lines) % 2 for lines in bodies) or len(bodies) < 3:
        return None
    halves = [" ".join(line for lines in bodies for line in _half(lines, second)) for second in (False, True)]
    found = [guess_language(text) for text in halves]
    if None in found or found[0] == found[1] or language not in found:
        return None
    second = found[1] == language
    return lambda lines: lines if len(lines) % 2 else _half(lines, second)


def _half(lines: list[str], second: bool) -> list[str]:  # noqa: FBT001 - which of two
    middle = len(lines) // 2
    return lines[middle:] if second else lines[:middle]


def _with_length(entries: list[SubtitleEntry], told: dict[str, list[int]]) -> list[SubtitleEntry]:
    """Give a cue without length the time that its words take, up to the next cue."""
    made = []
    for number, entry in enumerate(entries):
        if entry.end - entry.start < _SHORTEST:
            told["A cue has no length and was given the time its words take|cues have no length and were "
                 "given the time their words take"].append(entry.line)  # fmt: skip
            end = entry.start + max(_LEAST_READING, Fraction(len(_words(entry)), _READING_CPS))
            following = next((e.start for e in entries[number + 1 :] if e.start > entry.start), end)
            end = max(min(end, following), entry.start + _SHORTEST)
            made.append(replace(entry, end=end))
        else:
            made.append(entry)
    return made
