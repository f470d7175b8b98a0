"""Entries of a subtitle file as a person would read them: times that cannot be, doubles, rolling captions,
cues in two languages. Pure; everything that is put right is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from rythmo.languages import language_name
from rythmo.script.language_check import likeliest
from rythmo.script.writing_systems import SCRIPTS, count_scripts, share_in_script
from rythmo_bridge.subtitles.cue_text import plain

_SHORTEST = Fraction(1, 20)
_READING_CPS = 15
"""Letters a second that a cue without a length gets."""
_LEAST_READING = Fraction(7, 10)
_ADJACENT = Fraction(3, 10)
_ROLLING_SHARE = 0.4
_NAMED_LINES = 5
_NEIGHBOURS = 8
_TWICE = "A cue stands there twice and was read once|cues stand there twice and were read once"


@dataclass(frozen=True, slots=True)
class Entry:
    """One cue as the file has it: seconds from the file's zero, its text with markup, and its line there."""

    start: Fraction
    end: Fraction
    text: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Tidied:
    """Entries that can be used, in order of start, and what was put right."""

    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = ()


def tidy(entries: Sequence[Entry], language: str = "") -> Tidied:
    """Entries as a person would read them; `language` is the one that the file should be in."""
    told: dict[str, list[int]] = defaultdict(list)
    made = [_in_order(entry, told) for entry in entries]
    kept = sorted((entry for entry in made if entry is not None), key=lambda entry: entry.start)
    kept = _without_doubles(kept, told)
    kept = _unrolled(kept, told)
    kept = _one_language(kept, language, told)
    kept = _with_length(kept, told)
    return Tidied(tuple(kept), tuple(_note(message, lines) for message, lines in told.items()))


def _note(message: str, lines: list[int]) -> str:
    shown = ", ".join(str(line) for line in lines[:_NAMED_LINES]) + (
        ", ..." if len(lines) > _NAMED_LINES else ""
    )
    where = f" (line{'s' if len(lines) > 1 else ''} {shown})" if any(lines) else ""
    one, several = message.split("|")
    return (one if len(lines) == 1 else f"{len(lines)} {several}") + where + "."


def _in_order(entry: Entry, told: dict[str, list[int]]) -> Entry | None:
    if entry.end < entry.start:
        told["A cue ends before it begins: its times were read the other way round|cues end before they "
             "begin: their times were read the other way round"].append(entry.line)  # fmt: skip
        entry = replace(entry, start=entry.end, end=entry.start)
    if entry.end <= 0 and entry.start < 0:
        told["A cue ends before the film begins and was left out|cues end before the film begins and were "
             "left out"].append(entry.line)  # fmt: skip
        return None
    if entry.start < 0:
        told["A cue begins before the film and was cut there|cues begin before the film and were cut "
             "there"].append(entry.line)  # fmt: skip
        entry = replace(entry, start=Fraction(0))
    return entry


def _without_doubles(entries: Sequence[Entry], told: dict[str, list[int]]) -> list[Entry]:
    """An entry with the words of another at (nearly) its time says nothing new."""
    kept: list[Entry] = []
    said: list[str] = []
    for entry in entries:
        words = _words(entry)
        near = zip(kept[-_NEIGHBOURS:], said[-_NEIGHBOURS:], strict=True)
        if not any(text == words and _same_time(old, entry) for old, text in near):
            kept.append(entry)
            said.append(words)
        elif words:
            told[
                "A cue stands there twice and was read once|cues stand there twice and were read once"
            ].append(entry.line)
    return kept


def _same_time(one: Entry, other: Entry) -> bool:
    shared = min(one.end, other.end) - max(one.start, other.start)
    shortest = min(one.end - one.start, other.end - other.start)
    return one.start == other.start or (shared > 0 and 2 * shared >= shortest)


def _words(entry: Entry) -> str:
    return " ".join(plain(entry.text).casefold().split())


def _unrolled(entries: list[Entry], told: dict[str, list[int]]) -> list[Entry]:
    """Captions that roll up show each line two or three times, those that paint on grow word by word."""
    bodies = [plain(entry.text).split("\n") for entry in entries]
    joins = [
        max(_repeated(a, b), -1 if _grows(a, b) else 0) or (-1 if _grows(a, b) else 0)
        if _adjacent(one, other) else 0
        for (one, a), (other, b) in pairwise(zip(entries, bodies, strict=True))
    ]  # fmt: skip
    if sum(bool(join) for join in joins) < max(2, _ROLLING_SHARE * len(joins)):
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


def _adjacent(one: Entry, other: Entry) -> bool:
    return other.start - one.end <= _ADJACENT


def _repeated(before: Sequence[str], after: Sequence[str]) -> int:
    """How many of the first lines of `after` are the last lines of `before`."""
    most = min(len(before), len(after))
    return next((n for n in range(most, 0, -1) if list(before[-n:]) == list(after[:n])), 0)


def _grows(before: Sequence[str], after: Sequence[str]) -> bool:
    one, other = " ".join(before), " ".join(after)
    return bool(one) and len(other) > len(one) and other.startswith(one + " ")


def _one_language(entries: list[Entry], language: str, told: dict[str, list[int]]) -> list[Entry]:
    """Of cues that hold each text in two languages, the lines in the one that is expected."""
    keep = _chooser(entries, language)
    if keep is None:
        return entries
    made, changed = [], 0
    for entry in entries:
        lines = plain(entry.text).split("\n")
        own = keep(lines)
        changed += own != lines
        if own:
            made.append(entry if own == lines else replace(entry, text="\n".join(own)))
    wanted = language_name(language)
    told[f"The cues are in two languages: the lines in {wanted} were taken ({changed} cues)|"] = [0]
    return made


def _chooser(entries: Sequence[Entry], language: str) -> Callable[[list[str]], list[str]] | None:
    """What picks the lines of the language, where the cues hold two; None where they hold one."""
    base = language.split("-", maxsplit=1)[0]
    bodies = [lines for entry in entries if len(lines := plain(entry.text).split("\n")) > 1]
    if base not in SCRIPTS or len(bodies) < max(2, len(entries) // 2):
        return None
    mixed = [lines for lines in bodies if len({_own(line, base) for line in lines} - {None}) == 2]
    if len(mixed) >= 0.7 * len(bodies):
        return lambda lines: [line for line in lines if _own(line, base) is not False]
    return _by_halves(bodies, base)


def _own(line: str, language: str) -> bool | None:
    if sum(count_scripts(line).values()) < 2:
        return None
    share = share_in_script(line, language)
    return None if share is None else share >= 0.5


def _by_halves(bodies: Sequence[list[str]], language: str) -> Callable[[list[str]], list[str]] | None:
    """Two languages of one script: all first halves are in the one, all second halves in the other."""
    if any(len(lines) % 2 for lines in bodies) or len(bodies) < 3:
        return None
    halves = [" ".join(line for lines in bodies for line in _half(lines, second)) for second in (False, True)]
    found = [likeliest(text) for text in halves]
    if None in found or found[0] == found[1] or language not in found:
        return None
    second = found[1] == language
    return lambda lines: lines if len(lines) % 2 else _half(lines, second)


def _half(lines: list[str], second: bool) -> list[str]:  # noqa: FBT001 - which of two
    middle = len(lines) // 2
    return lines[middle:] if second else lines[:middle]


def _with_length(entries: list[Entry], told: dict[str, list[int]]) -> list[Entry]:
    """A cue of no length gets the time that its words take, up to the next one."""
    made = []
    for number, entry in enumerate(entries):
        if entry.end - entry.start < _SHORTEST:
            told["A cue has no length and got the time that its words take|cues have no length and got the "
                 "time that their words take"].append(entry.line)  # fmt: skip
            end = entry.start + max(_LEAST_READING, Fraction(len(_words(entry)), _READING_CPS))
            following = next((e.start for e in entries[number + 1 :] if e.start > entry.start), end)
            entry = replace(entry, end=max(min(end, following), entry.start + _SHORTEST))  # noqa: PLW2901
        made.append(entry)
    return made
