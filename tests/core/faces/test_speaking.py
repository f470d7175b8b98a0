"""Which face is which speaker: by mouths, by who is there when, and by what a person said."""

from __future__ import annotations

import numpy as np

from rythmo.faces.mouth import MouthCurve
from rythmo.faces.speaking import (
    SpokenLine,
    find_contradiction,
    make_person,
    margin_of,
    name_people,
    weigh_line,
)

RATE = 25.0
MARGIN = margin_of(RATE)


def swell(seed, count):
    rng = np.random.default_rng(seed)
    return np.abs(np.sin(np.cumsum(rng.uniform(0.2, 0.7, count))))


def lines_of(turns, seconds=2):
    """Lines of so many seconds, one after the other with a second between."""
    made, length = [], round(seconds * RATE)
    for number, speaker in enumerate(turns):
        first = MARGIN + number * round((seconds + 1) * RATE)
        envelope = np.zeros(length + 2 * MARGIN)
        envelope[MARGIN:-MARGIN] = swell(number, length)
        made.append(SpokenLine(f"L{number}", speaker, first, first + length, MARGIN, envelope))
    return made


def person(name, lines, says, seen=None):
    """Whose mouth moves with the lines of `says`, seen in all frames or in those of lines of `seen`."""
    opening = np.zeros(lines[-1].last + MARGIN)
    there = np.full(len(opening), seen is None)
    for line in lines:
        if line.speaker in says:
            opening[line.first : line.last] = line.envelope[MARGIN:-MARGIN]
        if seen and line.speaker in seen:
            there[line.first - MARGIN : line.last + MARGIN] = True
    return make_person(name, {1: MouthCurve(0, np.where(there, opening, np.nan))})


def decide(lines, people, together=(), decided=None):
    evidence = [found for line in lines for one in people if (found := weigh_line(line, one, RATE))]
    pairs = frozenset(frozenset(pair) for pair in together)
    return evidence, name_people(evidence, lines, pairs, RATE, decided)


def test_two_people_who_are_both_seen_all_the_time() -> None:
    lines = lines_of(["S1", "S2", "S1", "S2"])
    people = [person("F1", lines, {"S2"}), person("F2", lines, {"S1"})]
    assert decide(lines, people, [("F1", "F2")])[1] == {"F1": "S2", "F2": "S1"}


def test_a_listener_who_is_shown_is_not_the_speaker() -> None:
    lines = lines_of(["S1", "S2", "S1", "S2"])
    people = [person("F1", lines, {"S1"}), person("F2", lines, set(), {"S1"})]
    assert decide(lines, people, [("F1", "F2")])[1] == {"F1": "S1"}


def test_one_person_may_have_two_faces_that_were_not_known_again() -> None:
    lines = lines_of(["S1", "S2", "S1", "S2"])
    people = [person("F1", lines[:2], {"S1"}), person("F2", lines, {"S1"}, {"S1"})]
    assert decide(lines, people)[1] == {"F1": "S1", "F2": "S1"}


def test_the_only_face_of_the_only_speaker_needs_no_proof() -> None:
    lines = lines_of(["S1", "S1"])
    assert decide(lines, [person("F1", lines, set())])[1] == {"F1": "S1"}


def test_what_a_person_said_comes_first() -> None:
    lines = lines_of(["S1", "S2", "S1", "S2"])
    people = [person("F1", lines, {"S2"}), person("F2", lines, {"S1"})]
    assert decide(lines, people, [("F1", "F2")], {"F1": "S1", "F2": ""})[1] == {"F1": "S1"}


def test_a_line_that_the_voice_gave_to_the_wrong_one_is_found() -> None:
    lines = lines_of(["S1", "S2", "S1", "S2", "S1"])
    people = [person("F1", lines, {"S1"}), person("F2", lines, {"S2"})]
    evidence, named = decide(lines, people, [("F1", "F2")])
    assert not any(find_contradiction(line, of(evidence, line), named) for line in lines)
    wrong = SpokenLine("L4", "S2", lines[4].first, lines[4].last, MARGIN, lines[4].envelope)
    assert find_contradiction(wrong, of(evidence, wrong), named) == "S1"


def test_a_face_that_moves_for_a_line_of_its_own_contradicts_nobody() -> None:
    lines = lines_of(["S1", "S2", "S1", "S2", "S1"])
    people = [person("F1", lines, {"S1"}), person("F2", lines, {"S2"})]
    evidence, named = decide(lines, people, [("F1", "F2")])
    first, last = lines[4].first, lines[4].last
    over = SpokenLine("L5", "S2", first, last, MARGIN, lines[4].envelope)
    assert find_contradiction(over, of(evidence, lines[4]), named, [*lines, over]) == ""
    late = SpokenLine("L6", "S2", last - 5, last + 45, MARGIN, lines[4].envelope)
    assert find_contradiction(late, of(evidence, lines[4]), named, [*lines, late]) == "S1"


def test_a_short_line_contradicts_nobody() -> None:
    lines = lines_of(["S1", "S2", "S1", "S2"], seconds=0.8)
    people = [person("F1", lines, {"S1"}), person("F2", lines, {"S2"})]
    evidence, _ = decide(lines, people)
    wrong = SpokenLine("L0", "S2", lines[0].first, lines[0].last, MARGIN, lines[0].envelope)
    assert find_contradiction(wrong, of(evidence, wrong), {"F1": "S1", "F2": "S2"}) == ""


def of(evidence, line):
    return [one for one in evidence if one.line == line.id]
