"""What a person decided about the speakers is kept when things run again, whatever the labels are then."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.script import edits
from rythmo.script.diff import carry_over_edits
from rythmo.script.model import Line, Programme, Script, Word
from rythmo.script.people import make_unnamed_speaker
from rythmo.script.takes import VoiceRef

PROGRAMME = Programme("x", "x.wav", 480_000, 48_000, 2)
WHO = "ABACBACBCA"
"""Who is heard saying the ten lines of the programme."""


def heard(labels="ABC", who=WHO):
    """What the stages find, with people labelled S1, S2 ... in the order of `labels`."""
    ids = {person: f"S{number}" for number, person in enumerate(labels, 1)}
    lines = tuple(
        Line(f"{ids[p]}_{n + 1:04}", ids[p], n * 2000, n * 2000 + 1500, f"said {n}", (Word(f"w{n}", 0, 1),))
        for n, p in enumerate(who)
    )
    return Script(PROGRAMME, "en", "es", tuple(map(make_unnamed_speaker, sorted(ids.values()))), lines)


def voiced(script):
    return replace(
        script, speakers=tuple(replace(s, voice=VoiceRef("toy", s.id), colour=s.id) for s in script.speakers)
    )


def spoken(script):
    """(name, voice) of each line's speaker: what a listener would know."""
    people = {speaker.id: (speaker.name, speaker.voice) for speaker in script.speakers}
    return [people[line.speaker] for line in script.lines]


ORDERS = pytest.mark.parametrize("labels", ["ABC", "CBA", "BCA", "CAB"])


@ORDERS
def test_people_are_known_by_when_they_speak_not_by_their_labels(labels):
    old = edits.rename_speaker(voiced(heard()), "S1", "Anna")
    new = carry_over_edits(old, heard(labels))
    assert spoken(new) == spoken(old)
    assert [line.id for line in new.lines] == [line.id for line in old.lines]
    assert [speaker.colour for speaker in new.speakers] == ["S1", "S2", "S3"]


@ORDERS
def test_merged_speakers_stay_merged(labels):
    old = edits.merge_speakers(voiced(heard()), "S3", "S1")
    new = carry_over_edits(old, heard(labels))
    assert spoken(new) == spoken(old)
    assert [speaker.id for speaker in new.speakers] == ["S1", "S2"]
    assert carry_over_edits(new, heard("CBA")) == new, "and the next time"


@ORDERS
def test_split_speakers_stay_split_even_where_most_was_split_off(labels):
    ids = [line.id for line in heard().lines if line.speaker == "S1"]
    old, bob = edits.split_speaker(voiced(heard()), "S1", ids[1:], "Bob")
    new = carry_over_edits(old, heard(labels))
    assert spoken(new) == spoken(old)
    assert [line.id for line in new.lines if line.speaker == bob] == ids[1:]
    assert new.speaker(bob).edited == ("name",)


def test_a_name_is_kept_time_after_time():
    script = edits.recolour_speaker(edits.rename_speaker(voiced(heard()), "S2", "Ben"), "S2", "#123456")
    for labels in ("CBA", "ABC", "BCA"):
        script = carry_over_edits(script, heard(labels))
        assert (script.speaker("S2").name, script.speaker("S2").colour) == ("Ben", "#123456")


def test_somebody_new_gets_an_id_that_nobody_had():
    old = edits.merge_speakers(voiced(heard()), "S3", "S1")
    later = heard("DABC", WHO + "DD")
    new = carry_over_edits(old, later)
    assert {line.speaker for line in new.lines[-2:]} == {"S4"}
    assert new.speaker("S4").name == "Speaker 4"
    assert new.lines[-1].id.startswith("S4_")


def test_a_line_found_anew_under_a_line_given_by_hand_is_given_too():
    old = edits.edit_line(voiced(heard()), "S1_0001", speaker="S2")
    parts = heard()
    first = parts.lines[0]
    halves = (replace(first, end=700), replace(first, id="S1_0099", start=700))
    new = carry_over_edits(old, replace(parts, lines=(*halves, *parts.lines[1:])))
    assert [line.speaker for line in new.lines[:2]] == ["S2", "S2"]


def test_a_line_moved_by_hand_is_known_by_its_words():
    old = edits.edit_line(voiced(heard()), "S1_0001", start=30_000, end=31_500)
    new = carry_over_edits(old, heard("BAC"))
    assert len(new.lines) == len(WHO)
    assert (new.line("S1_0001").start, new.line("S1_0001").text) == (30_000, "said 0")


def test_names_of_a_script_file_win_over_numbers():
    named = heard()
    named = edits.rename_speaker(named, "S1", "ANNA")
    new = carry_over_edits(voiced(heard("BAC")), named)
    assert spoken(new)[0][0] == "ANNA"


ACTS = st.one_of(
    st.tuples(st.just("merge"), st.permutations(["S1", "S2", "S3"])),
    st.tuples(st.just("split"), st.sets(st.sampled_from(range(10)), min_size=1)),
    st.tuples(st.just("give"), st.integers(0, 9), st.sampled_from(["S1", "S2", "S3", "S4"])),
)


@given(st.lists(ACTS, max_size=5), st.permutations("ABC"))
def test_whatever_a_person_decided_is_so_again(acts, labels):
    """The same recognition under other labels changes nothing of who says what, and has the same ids."""
    old = voiced(heard())
    for act, *how in acts:
        ids = [line.id for line in old.lines]
        known = {speaker.id for speaker in old.speakers}
        if act == "merge" and {how[0][0], how[0][1]} <= known:
            old = edits.merge_speakers(old, how[0][0], how[0][1])
        elif act == "give" and how[1] in known:
            old = edits.edit_line(old, ids[how[0]], speaker=how[1])
        elif act == "split":
            own = [ids[n] for n in sorted(how[0]) if old.lines[n].speaker == "S2"]
            if 0 < len(own) < sum(line.speaker == "S2" for line in old.lines):
                old, _ = edits.split_speaker(old, "S2", own)
    new = carry_over_edits(old, heard("".join(labels)))
    assert {line.id: line.speaker for line in new.lines} == {line.id: line.speaker for line in old.lines}
    assert new.speakers == old.speakers
