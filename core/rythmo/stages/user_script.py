"""The user's own words: cues of a subtitle file instead of recognition or of machine translation. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rythmo.engines.base import Turn
from rythmo.errors import SubtitleError
from rythmo.script.model import Flag, Line, Severity, Speaker, Status
from rythmo.script.people import in_order, unnamed
from rythmo.stages.lines import number


class Cue(Protocol):
    """A subtitle as the bridge reads it: samples from the programme's first frame, text, who says it."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def speaker(self) -> str | None: ...


def one_line(text: str) -> str:
    """Subtitle text without its line breaks."""
    return " ".join(text.split())


def lines_from_cues(
    cues: Sequence[Cue], turns: Sequence[Turn], speakers: Sequence[Speaker], length: int, snap: int
) -> tuple[tuple[Speaker, ...], tuple[Line, ...]]:
    """Speakers and lines of a script that the user brought.

    A named cue belongs to the person of that name; an unnamed one to whoever is heard speaking most of
    it. A line starts at the onset of speech where one lies within `snap` samples of the cue.
    Raises SubtitleError when no cue lies inside the programme.
    """
    inside = [cue for cue in cues if cue.text.strip() and cue.start < length and cue.end > 0]
    if not inside:
        raise SubtitleError(
            "No line of the subtitle file lies inside the programme.",
            hint="Its times count from the programme's first frame: is it the right file?",
        )
    people, by_name = _people(inside, turns, speakers)
    lines = []
    for cue in inside:
        speaker = by_name[cue.speaker] if cue.speaker else _heard(cue, turns) or people[0].id
        start, end = _span(cue, speaker, turns, length, snap)
        lines.append(Line("", speaker, start, end, text=one_line(cue.text)))
    return _renumbered(people, sorted(lines, key=lambda line: (line.start, line.speaker)))


def _renumbered(
    people: Sequence[Speaker], lines: Sequence[Line]
) -> tuple[tuple[Speaker, ...], tuple[Line, ...]]:
    """Who speaks, as S1, S2 ... in order of their first line; voices that no cue wanted are left out."""
    ids = {old: f"S{count}" for count, old in enumerate(dict.fromkeys(line.speaker for line in lines), 1)}
    by_id = {person.id: person for person in people}
    kept = tuple(replace(by_id[old], id=new, name=_name(by_id[old], new)) for old, new in ids.items())
    return kept, number(replace(line, speaker=ids[line.speaker]) for line in lines)


def _name(person: Speaker, new_id: str) -> str:
    return person.name if "name" in person.edited else unnamed(new_id).name


def _people(
    cues: Sequence[Cue], turns: Sequence[Turn], heard: Sequence[Speaker]
) -> tuple[tuple[Speaker, ...], dict[str, str]]:
    """Names of the file, each on the voice that is heard most under it; further names get new ids."""
    named = {
        name: _loudest(name, cues, turns) for name in dict.fromkeys(c.speaker for c in cues if c.speaker)
    }
    people = {speaker.id: speaker for speaker in heard}
    by_name: dict[str, str] = {}
    # Who has the most speech chooses first, so that two names never share one voice.
    for name in sorted(named, key=lambda name: -max(named[name].values(), default=0)):
        free = [found for found, _ in named[name].most_common() if found not in by_name.values()]
        by_name[name] = free[0] if free else _new_id(people)
        people[by_name[name]] = replace(
            people.get(by_name[name], Speaker(by_name[name], name)), name=name, edited=("name",)
        )
    if not people:
        people["S1"] = unnamed("S1")
    return tuple(people[key] for key in in_order(people)), by_name


def _new_id(people: dict[str, Speaker]) -> str:
    count = 1
    while f"S{count}" in people:
        count += 1
    return f"S{count}"


def _loudest(name: str, cues: Sequence[Cue], turns: Sequence[Turn]) -> Counter[str]:
    total: Counter[str] = Counter()
    for cue in cues:
        if cue.speaker == name:
            total.update(_overlaps(cue, turns))
    return total


def _overlaps(cue: Cue, turns: Sequence[Turn]) -> Counter[str]:
    shared: Counter[str] = Counter()
    for turn in turns:
        amount = min(cue.end, turn.end) - max(cue.start, turn.start)
        if amount > 0:
            shared[turn.speaker] += amount
    return shared


def _heard(cue: Cue, turns: Sequence[Turn]) -> str | None:
    shared = _overlaps(cue, turns)
    return max(sorted(shared), key=lambda speaker: shared[speaker]) if shared else None


def _span(cue: Cue, speaker: str, turns: Sequence[Turn], length: int, snap: int) -> tuple[int, int]:
    near = [t.start for t in turns if t.speaker == speaker and abs(t.start - cue.start) <= snap]
    start = max(0, min(near, key=lambda onset: abs(onset - cue.start), default=cue.start))
    ends = [t.end for t in turns if t.speaker == speaker and abs(t.end - cue.end) <= snap]
    end = min(length, min(ends, key=lambda edge: abs(edge - cue.end), default=cue.end))
    return start, max(end, start + 1)


@dataclass(frozen=True, slots=True)
class Paired:
    """Lines with the user's translations, and the cues that found no line."""

    lines: tuple[Line, ...]
    unpaired: tuple[Cue, ...]


def pair(lines: Sequence[Line], cues: Sequence[Cue], names: dict[str, str]) -> Paired:
    """Give each line the cues that overlap it most; `names` is speaker id -> name.

    Where two people speak at once, a cue that names its speaker goes to that speaker's line. Lines
    without a cue are flagged and stay silent; they are never translated by machine behind the user's back.
    """
    said: dict[str, list[str]] = {}
    unpaired = []
    for cue in cues:
        line = _best(cue, lines, names)
        if line is None:
            unpaired.append(cue)
        elif cue.text.strip():
            said.setdefault(line.id, []).append(one_line(cue.text))
    return Paired(tuple(_translated(line, said.get(line.id, [])) for line in lines), tuple(unpaired))


def _best(cue: Cue, lines: Sequence[Line], names: dict[str, str]) -> Line | None:
    def merit(line: Line) -> tuple[bool, float]:
        shared = min(cue.end, line.end) - max(cue.start, line.start)
        named = cue.speaker is not None and names.get(line.speaker, "").casefold() == cue.speaker.casefold()
        return named, shared / max(1, min(cue.end - cue.start, line.length))

    overlapping = [line for line in lines if cue.start < line.end and line.start < cue.end]
    return max(overlapping, key=merit, default=None)


def _translated(line: Line, texts: list[str]) -> Line:
    edited = tuple(dict.fromkeys((*line.edited, "translation")))
    if texts:
        done = replace(line, translation=" ".join(texts), status=Status.TRANSLATED, edited=edited)
        return done.without_flags("no-translation")
    flag = Flag("no-translation", "The translation file has no text at this line's time.", Severity.WARNING)
    return replace(line, translation="", status=Status.RECOGNISED, edited=edited).flag(flag)
