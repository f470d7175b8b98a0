"""Make lines from the cues of the user's own script, instead of recognition. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from rythmo.engines.base import Turn
from rythmo.errors import SubtitleError
from rythmo.script.model import Line, Speaker
from rythmo.script.people import make_unnamed_speaker, sort_speaker_ids
from rythmo.script.subtitle_file import FileCue
from rythmo.stages.lines import number


def join_text_lines(text: str) -> str:
    """Return subtitle text without its line breaks."""
    return " ".join(text.split())


def trim_to_programme(cues: Sequence[FileCue], length: int) -> tuple[FileCue, ...]:
    """Return the cues inside a programme of `length` samples, trimmed to its start and end.

    Raises SubtitleError when there are none.
    """
    found = tuple(
        replace(cue, start=max(0, cue.start), end=min(length, max(cue.end, cue.start + 1)))
        for cue in cues
        if cue.text.strip() and cue.start < length and cue.end > 0
    )
    if not found:
        raise SubtitleError(
            "No line of the subtitle file lies inside the programme.",
            hint="Times count from the programme's first frame or from its start timecode. Check that it is "
            "the right file; --script-offset SECONDS moves its times.",
        )
    return found


def lines_from_cues(
    cues: Sequence[FileCue], turns: Sequence[Turn], speakers: Sequence[Speaker], length: int, snap: int
) -> tuple[tuple[Speaker, ...], tuple[Line, ...]]:
    """Return the speakers and lines of a script that the user brought.

    A cue with a name belongs to the person of that name, one without to whoever speaks most of it. People who
    share a cue are different people. A line starts at the onset of speech when one lies within `snap` samples
    of the cue. Raises SubtitleError when no cue lies inside the programme.
    """
    cues = _parts_on_turns(trim_to_programme(cues, length), turns)
    people, by_name = _people(cues, turns, speakers)
    lines: list[Line] = []
    for cue in cues:
        speaker = by_name[cue.speaker] if cue.speaker else _heard(cue, turns) or people[0].id
        if not cue.speaker and cue.part and lines and lines[-1].speaker == speaker:
            speaker = _another(cue, lines, turns, people) or speaker
        start, end = _span(cue, speaker, turns, length, snap)
        lines.append(Line("", speaker, start, end, text=join_text_lines(cue.text), text_as_shown=cue.shown))
    return _renumbered(people, sorted(lines, key=lambda line: (line.start, line.speaker)))


def _parts_on_turns(cues: Sequence[FileCue], turns: Sequence[Turn]) -> tuple[FileCue, ...]:
    """Move the border between parts of a cue to a nearby change of speaker."""
    made = list(cues)
    for place in range(1, len(made)):
        before, cue = made[place - 1], made[place]
        if not cue.part or before.part is None:
            continue
        reach = min(before.end - before.start, cue.end - cue.start)
        changes = [t.start for t in turns if abs(t.start - cue.start) <= reach]
        changes = [at for at in changes if before.start < at < cue.end]
        border = min(changes, key=lambda at: abs(at - cue.start), default=cue.start)
        made[place - 1] = replace(before, end=border)
        made[place] = replace(cue, start=border)
    return tuple(made)


def _another(
    cue: FileCue, lines: Sequence[Line], turns: Sequence[Turn], people: Sequence[Speaker]
) -> str | None:
    """Return who else may say the second part of a cue: another voice heard there, else the previous one."""
    first = lines[-1].speaker
    others = [who for who, _ in _overlaps(cue, turns).most_common() if who != first]
    earlier = [line.speaker for line in reversed(lines) if line.speaker != first]
    rest = [person.id for person in people if person.id != first]
    return next(iter([*others, *earlier, *rest]), None)


def _renumbered(
    people: Sequence[Speaker], lines: Sequence[Line]
) -> tuple[tuple[Speaker, ...], tuple[Line, ...]]:
    """Number speakers S1, S2 ... in order of their first line. Voices without a cue are left out."""
    ids = {old: f"S{count}" for count, old in enumerate(dict.fromkeys(line.speaker for line in lines), 1)}
    by_id = {person.id: person for person in people}
    kept = tuple(replace(by_id[old], id=new, name=_name(by_id[old], new)) for old, new in ids.items())
    return kept, number(replace(line, speaker=ids[line.speaker]) for line in lines)


def _name(person: Speaker, new_id: str) -> str:
    return person.name if "name" in person.edited else make_unnamed_speaker(new_id).name


def _people(
    cues: Sequence[FileCue], turns: Sequence[Turn], heard: Sequence[Speaker]
) -> tuple[tuple[Speaker, ...], dict[str, str]]:
    """Assign each name in the file to the voice heard most during its cues; further names get new ids."""
    named = {
        name: _loudest(name, cues, turns) for name in dict.fromkeys(c.speaker for c in cues if c.speaker)
    }
    people = {speaker.id: speaker for speaker in heard}
    by_name: dict[str, str] = {}
    # The name with the most speech chooses first, so that two names never share one voice.
    for name in sorted(named, key=lambda name: -max(named[name].values(), default=0)):
        free = [found for found, _ in named[name].most_common() if found not in by_name.values()]
        by_name[name] = free[0] if free else _new_id(people)
        people[by_name[name]] = replace(
            people.get(by_name[name], Speaker(by_name[name], name)), name=name, edited=("name",)
        )
    if not people:
        people["S1"] = make_unnamed_speaker("S1")
    return tuple(people[key] for key in sort_speaker_ids(people)), by_name


def _new_id(people: dict[str, Speaker]) -> str:
    count = 1
    while f"S{count}" in people:
        count += 1
    return f"S{count}"


def _loudest(name: str, cues: Sequence[FileCue], turns: Sequence[Turn]) -> Counter[str]:
    total: Counter[str] = Counter()
    for cue in cues:
        if cue.speaker == name:
            total.update(_overlaps(cue, turns))
    return total


def _overlaps(cue: FileCue, turns: Sequence[Turn]) -> Counter[str]:
    shared: Counter[str] = Counter()
    for turn in turns:
        amount = min(cue.end, turn.end) - max(cue.start, turn.start)
        if amount > 0:
            shared[turn.speaker] += amount
    return shared


def _heard(cue: FileCue, turns: Sequence[Turn]) -> str | None:
    shared = _overlaps(cue, turns)
    return max(sorted(shared), key=lambda speaker: shared[speaker]) if shared else None


def _span(cue: FileCue, speaker: str, turns: Sequence[Turn], length: int, snap: int) -> tuple[int, int]:
    near = [t.start for t in turns if t.speaker == speaker and abs(t.start - cue.start) <= snap]
    start = max(0, min(near, key=lambda onset: abs(onset - cue.start), default=cue.start))
    ends = [t.end for t in turns if t.speaker == speaker and abs(t.end - cue.end) <= snap]
    end = min(length, min(ends, key=lambda edge: abs(edge - cue.end), default=cue.end))
    if 2 * (end - start) < cue.end - cue.start:
        # Both ends of a short cue went to the same turn: its own times say more.
        start, end = max(0, cue.start), min(length, cue.end)
    return start, max(end, start + 1)
