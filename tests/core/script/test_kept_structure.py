"""What a person split, joined, added, deleted or locked stays so when the programme is heard again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rythmo.script import edits
from rythmo.script.diff import carry_over_edits
from rythmo.script.line_structure import delete_lines, join_lines, split_line
from rythmo.script.locks import set_locked
from rythmo.script.model import Line, Programme, Script, Speaker, Word
from rythmo.script.text_cuts import find_cut_at_word

FILM = Programme("a", "a.wav", 960_000, 48_000, 2)


def heard(*lines):
    """What the recogniser makes of it: (speaker, start, words) for each line, of 1000 samples a word."""
    made = []
    for number, (speaker, start, text) in enumerate(sorted(lines, key=lambda one: one[1]), 1):
        words = tuple(
            Word(word, start + n * 1000, start + n * 1000 + 800) for n, word in enumerate(text.split())
        )
        end = words[-1].end
        made.append(Line(f"{speaker}_{number:04}", speaker, start, end, text, words))
    people = tuple(Speaker(one, one) for one in sorted({line.speaker for line in made}))
    return Script(FILM, "en", "es", people, tuple(made))


SAID = (("S1", 0, "one two three four"), ("S2", 3000, "yes of course"), ("S1", 10_000, "five six"))
AGAIN = heard(*SAID)


def split(script, line_id="S1_0001", word=2):
    return split_line(script, line_id, find_cut_at_word(script.line(line_id), word))[0]


def bare(script):
    return [(line.id, line.start, line.end, line.text) for line in script.lines]


SHAPES = {
    "split": split,
    "split twice": lambda script: split(split(script), word=1),
    "joined": lambda script: join_lines(script, ["S1_0001", "S1_0003"]),
    "joined and split": lambda script: split(join_lines(script, ["S1_0001", "S1_0003"]), word=5),
    "deleted": lambda script: delete_lines(script, ["S2_0002"]),
    "split and half deleted": lambda script: delete_lines(split(script), ["S1_0004"]),
    "added": lambda script: edits.add_line(script, 100_000, 110_000, "unheard", speaker="S2")[0],
    "given away and split": lambda script: split(edits.edit_line(script, "S1_0001", speaker="S2")),
    "locked": lambda script: set_locked(script, ["S1_0001"], locked=True),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_left_alone_by_another_run(shape):
    script = SHAPES[shape](heard(*SAID))
    again = carry_over_edits(script, AGAIN)
    assert bare(again) == bare(script)
    assert (again.removed, again.last_number >= script.last_number) == (script.removed, True)
    assert [one.id for one in again.speakers] == [one.id for one in script.speakers]
    assert bare(carry_over_edits(again, AGAIN)) == bare(script)


@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_left_alone_however_the_lines_are_broken_now(shape):
    broken = heard(("S1", 0, "one"), ("S1", 1000, "two three"), ("S1", 3000, "four"), *SAID[1:])
    script = SHAPES[shape](heard(*SAID))
    assert bare(carry_over_edits(script, broken))[-1] == bare(script)[-1]
    if shape not in ("deleted", "added"):
        assert bare(carry_over_edits(script, broken)) == bare(script)


def test_words_that_are_heard_otherwise_now_get_into_the_halves():
    script = split(heard(*SAID)).map_lines(lambda line: replace(line, translation="hecho"))
    again = carry_over_edits(script, heard(("S1", 0, "one to three for"), *SAID[1:]))
    assert [(line.text, line.translation) for line in again.lines if line.shaped] == [
        ("one to", ""),
        ("three for", ""),
    ]


def test_words_that_a_person_wrote_stay_and_so_does_their_translation():
    script = edits.edit_line(split(heard(*SAID)), "S1_0001", text="won too", translation="ganó")
    again = carry_over_edits(script, heard(("S1", 0, "one to three for"), *SAID[1:]))
    assert (again.line("S1_0001").text, again.line("S1_0001").translation) == ("won too", "ganó")


def test_a_locked_line_stays_as_it_is_whatever_is_heard():
    script = set_locked(heard(*SAID), ["S1_0001"], locked=True)
    script = script.with_line(replace(script.line("S1_0001"), translation="uno", chosen="t01"))
    again = carry_over_edits(script, heard(("S1", 0, "something else entirely here"), *SAID[1:]))
    assert again.line("S1_0001") == script.line("S1_0001")


def test_an_id_that_was_used_once_is_not_given_to_a_line_that_is_heard_now():
    script = replace(heard(*SAID), last_number=9)
    again = carry_over_edits(script, heard(*SAID, ("S2", 500_000, "quite new")))
    assert [line.id for line in again.lines][-1] == "S2_0010"
