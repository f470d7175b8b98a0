"""The people of a script: their ids, the names nobody gave them, and who is who in another script. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from rythmo.script.model import Line, Speaker


def make_unnamed_speaker(speaker_id: str) -> Speaker:
    """Return a speaker whom nobody has named yet: S3 is called "Speaker 3"."""
    return Speaker(speaker_id, f"Speaker {speaker_id.removeprefix('S')}")


def is_unnamed(speaker: Speaker) -> bool:
    """Tell whether the name is one that `make_unnamed_speaker` gave."""
    return "name" not in speaker.edited and speaker.name == make_unnamed_speaker(speaker.id).name


def sort_speaker_ids(ids: Iterable[str]) -> tuple[str, ...]:
    """S2 before S10, each once."""
    return tuple(sorted(set(ids), key=lambda speaker: (len(speaker), speaker)))


def make_speaker_id(taken: Iterable[str]) -> str:
    """Return the next S-number above all ever used. Numbers are never reused."""
    numbers = [int(name[1:]) for name in taken if name[:1] == "S" and name[1:].isdigit()]
    return f"S{max(numbers, default=0) + 1}"


def measure_overlap(one: Line, other: Line) -> int:
    """Samples that two lines have in common."""
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def match_people(old: Sequence[Line], new: Sequence[Line]) -> dict[str, str]:
    """New speaker -> old speaker, one to one, so that the most time is spoken by the same person.

    Labels mean nothing: another run may hand them out in another order. The Hungarian assignment on
    the time that lines of the one share with lines of the other; who shares nothing is in no pair.
    Lines whose speaker a person set say nothing about what was heard, and are left out.
    """
    time: Counter[tuple[str, str]] = Counter()
    for before in old:
        if "speaker" in before.edited:
            continue
        for line in new:
            if amount := measure_overlap(before, line):
                time[line.speaker, before.speaker] += amount
    return _assign_people(time)


def _assign_people(time: Mapping[tuple[str, str], int]) -> dict[str, str]:
    if not time:
        return {}
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    rows, columns = sort_speaker_ids(new for new, _ in time), sort_speaker_ids(old for _, old in time)
    gain = np.array([[time.get((row, column), 0) for column in columns] for row in rows])
    pairs = zip(*linear_sum_assignment(gain, maximize=True), strict=True)
    return {rows[row]: columns[column] for row, column in pairs if gain[row, column] > 0}
