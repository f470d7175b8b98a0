"""Lines of an old script in a new cut of the film: known by their words."""

from __future__ import annotations

from dataclasses import replace

from rythmo.script.diff import carry_over_edits
from rythmo.script.model import Line, Programme, Script
from rythmo.script.recut import follow_cut

SECOND = 48_000
TEXTS = ("The train is very late today.", "Yes.", "We must go to the old harbour.", "Nobody saw the captain.")


def line(number, text, start, speaker="S1", **more):
    return Line(f"{speaker}_{number:04}", speaker, start * SECOND, (start + 2) * SECOND, text, **more)


def script(lines, **more):
    programme = Programme("film", "film.mp4", 100 * SECOND, SECOND, 2)
    return Script(programme, "en", "es", (), tuple(lines), **more)


def cut(*starts):
    return [
        line(number, text, start) for number, (text, start) in enumerate(zip(TEXTS, starts, strict=True), 1)
    ]


def starts(found):
    return [one.start // SECOND for one in found]


def test_lines_that_are_said_where_they_were_stay_as_they_are() -> None:
    old = script(cut(0, 3, 6, 9))
    assert follow_cut(old, cut(0, 3, 6, 9)) is old


def test_lines_follow_what_was_put_before_them() -> None:
    old = script(cut(0, 3, 6, 9), removed=(line(9, "Cough.", 4),), left_speech=((SECOND, 2 * SECOND),))
    found = follow_cut(old, cut(10, 13, 16, 19))
    assert starts(found.lines) == [10, 13, 16, 19]
    assert starts(found.removed) == [14]
    assert found.left_speech == ((11 * SECOND, 12 * SECOND),)


def test_scenes_that_changed_places_take_their_lines_along() -> None:
    assert starts(follow_cut(script(cut(0, 3, 30, 33)), cut(33, 36, 0, 3)).lines) == [33, 36, 0, 3]


def test_a_line_that_was_recognised_otherwise_goes_with_its_neighbour() -> None:
    new = cut(10, 13, 16, 19)
    new[1] = line(2, "Yet.", 13)
    assert starts(follow_cut(script(cut(0, 3, 6, 9)), new).lines) == [10, 13, 16, 19]


def test_a_line_that_was_heard_in_parts_or_with_another_word_is_known_by_the_rest() -> None:
    old = [line(1, "Good morning.", 0), line(2, "My name is Jordi Mas.", 2), line(3, TEXTS[2], 5)]
    old[1] = replace(old[1], translation="Me llamo Jordi.", edited=("translation",))
    new = [line(1, "Good morning.", 20), line(2, "My name is Jorimaz.", 22)]
    new += [Line("S1_0003", "S1", 25 * SECOND, 26 * SECOND, "We must go"), line(4, "to the old harbour!", 26)]
    assert starts(follow_cut(script(old), new).lines) == [20, 22, 25]
    found = carry_over_edits(script(old), script(new)).lines
    assert [one.translation for one in found] == ["", "Me llamo Jordi.", "", ""]


def test_one_short_word_far_away_is_no_new_cut() -> None:
    old = script(cut(0, 3, 6, 9))
    assert follow_cut(old, [*cut(0, 50, 6, 9)]) is old


def test_edits_go_with_the_words_and_not_with_the_time() -> None:
    old = cut(0, 3, 6, 9)
    old[0] = line(1, TEXTS[0], 0, translation="El tren llega tarde.", edited=("translation",))
    found = carry_over_edits(script(old), script(cut(3, 6, 9, 12))).lines
    assert [one.translation for one in found] == ["El tren llega tarde.", "", "", ""]
    assert [one.id for one in found] == [one.id for one in old]
