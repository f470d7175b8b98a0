"""What a person does to a script."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.errors import ScriptError
from rythmo.script import edits
from rythmo.script.model import Line, Programme, Script, Speaker
from rythmo.script.on_screen import PictureUnder
from rythmo.script.takes import Take, VoiceRef

LENGTH = 480_000
VOICE = VoiceRef("toy", "v150", {"hz": 150})


def take(line_id, number, text, variation=0):
    name = f"t{number:02}"
    return Take(name, f"takes/{line_id}_{name}.wav", 9, text, "toy 1", VOICE, f"k{number}", variation)


def line(number, speaker, start, **more):
    line_id = f"{speaker}_{number:04}"
    words = more.pop("translation", f"dicho {number}")
    takes = (take(line_id, 1, words),)
    return Line(line_id, speaker, start, start + 500, f"said {number}", translation=words, takes=takes,
                chosen="t01", **more)  # fmt: skip


def script(count=6, people=3):
    lines = tuple(line(n + 1, f"S{n % people + 1}", n * 1000) for n in range(count))
    speakers = tuple(Speaker(f"S{n + 1}", f"Speaker {n + 1}", VOICE) for n in range(people))
    return Script(Programme("x", "x.wav", LENGTH, 48_000, 2), "en", "es", speakers, lines)


def test_words_are_set_and_stand_as_edited():
    changed = edits.edit_line(script(), "S1_0001", translation=" otra\ncosa ").line("S1_0001")
    assert (changed.translation, changed.edited) == ("otra cosa", ("translation",))


def test_new_text_is_translated_afresh_even_over_a_persons_words():
    once = edits.edit_line(script(), "S1_0001", translation="mano")
    changed = edits.edit_line(once, "S1_0001", text="another").line("S1_0001")
    assert (changed.text, changed.translation, changed.edited) == ("another", "", ("text",))


def test_an_equal_value_changes_nothing():
    given_ = script()
    same = edits.edit_line(given_, "S1_0001", text="said 1", translation="dicho 1", speaker="S1", start=0)
    assert same is given_


def test_a_line_may_be_silenced_but_not_made_to_have_said_nothing():
    assert edits.edit_line(script(), "S1_0001", translation="").line("S1_0001").translation == ""
    with pytest.raises(ScriptError, match="no text"):
        edits.edit_line(script(), "S1_0001", text="  \n")


@pytest.mark.parametrize(
    "wrong", [{"start": -1}, {"start": 500}, {"end": 0}, {"end": LENGTH + 1}, {"start": 7, "end": 7}]
)
def test_a_line_lies_inside_the_programme(wrong):
    with pytest.raises(ScriptError, match="cannot be from"):
        edits.edit_line(script(), "S1_0001", **wrong)


def test_who_moves_a_line_here_sees_the_projects_own_picture():
    was = script()
    was = was.with_line(replace(was.line("S1_0001"), said_at=(100, 600)))
    assert edits.edit_line(was, "S1_0001", end=700).line("S1_0001").picture_under is None
    assert edits.edit_line(was, "S1_0001", start=90).line("S1_0001").picture_under is PictureUnder.STAYED
    assert edits.edit_line(was, "S2_0002", start=1010).line("S2_0002").picture_under is None


def test_moved_lines_stay_in_order():
    moved = edits.edit_line(script(), "S1_0001", start=2500, end=2600)
    assert [found.id for found in moved.lines][:3] == ["S2_0002", "S3_0003", "S1_0001"]
    assert moved.line("S1_0001").edited == ("start", "end")


def test_another_speaker_says_it_in_a_new_take():
    chosen = edits.use_take(script(), "S1_0001", "t01")
    given_ = edits.edit_line(chosen, "S1_0001", speaker="S2").line("S1_0001")
    assert (given_.speaker, given_.edited) == ("S2", ("speaker",))


def test_the_last_line_taken_from_a_speaker_takes_the_speaker():
    one_each = script(count=3)
    assert [s.id for s in edits.edit_line(one_each, "S3_0003", speaker="S1").speakers] == ["S1", "S2"]


def test_control_characters_do_not_get_in():
    changed = edits.edit_line(script(), "S1_0001", translation="a\x00b\x01c\u200cd\te")
    assert changed.line("S1_0001").translation == "abc\u200cd e"


def test_a_take_brings_its_words_back():
    other = edits.edit_line(script(), "S1_0001", translation="otra cosa")
    back = edits.use_take(other, "S1_0001", "t01").line("S1_0001")
    assert (back.chosen, back.translation) == ("t01", "dicho 1")
    assert set(back.edited) == {"translation", "chosen"}


def test_a_take_that_is_not_there_names_those_that_are():
    with pytest.raises(ScriptError) as caught:
        edits.use_take(script(), "S1_0001", "t09")
    assert "t01" in caught.value.hint


def with_take(given_, line_id, number, variation):
    one = given_.line(line_id)
    made = take(line_id, number, one.translation, variation)
    return given_.with_line(replace(one, takes=(*one.takes, made), chosen=made.id))


def test_each_further_take_is_another_one():
    first = edits.request_another_take(script(), "S1_0001")
    assert first.line("S1_0001").variation == 1
    second = edits.request_another_take(with_take(first, "S1_0001", 2, 1), "S1_0001")
    assert second.line("S1_0001").variation == 2
    # Going back to the first and asking again never gives one that is there already.
    back = edits.use_take(with_take(second, "S1_0001", 3, 2), "S1_0001", "t01")
    assert back.line("S1_0001").variation == 0
    again = edits.request_another_take(back, "S1_0001").line("S1_0001")
    assert again.variation == 3
    assert "chosen" not in again.edited and {"translation", "variation"} <= set(again.edited)


def test_other_words_begin_with_their_first_take():
    varied = edits.request_another_take(script(), "S1_0001")
    changed = edits.edit_line(varied, "S1_0001", translation="otra cosa").line("S1_0001")
    assert changed.variation == 0 and "variation" not in changed.edited


def test_nothing_to_say_has_no_takes():
    silent = edits.edit_line(script(), "S1_0001", translation="")
    with pytest.raises(ScriptError, match="no translation"):
        edits.request_another_take(silent, "S1_0001")


def test_a_name_is_one_persons():
    named = edits.rename_speaker(script(), "S1", " Anna ")
    assert (named.speaker("S1").name, named.speaker("S1").edited) == ("Anna", ("name",))
    with pytest.raises(ScriptError, match="called Anna already") as caught:
        edits.rename_speaker(named, "S2", "ANNA")
    assert "merge" in caught.value.hint
    with pytest.raises(ScriptError, match="needs a name"):
        edits.rename_speaker(named, "S2", "\n")


def test_a_colour_is_a_colour():
    assert edits.recolour_speaker(script(), "S2", "#ABCDEF").speaker("S2").colour == "#abcdef"
    with pytest.raises(ScriptError, match="not a colour"):
        edits.recolour_speaker(script(), "S2", "red")


def test_merged_speakers_are_one():
    merged = edits.merge_speakers(script(), "S3", "S1")
    assert [speaker.id for speaker in merged.speakers] == ["S1", "S2"]
    assert {found.speaker for found in merged.lines} == {"S1", "S2"}
    assert merged.line("S3_0003").edited == ("speaker",)
    with pytest.raises(ScriptError, match="into itself"):
        edits.merge_speakers(script(), "S1", "S1")


def test_a_split_speaker_gets_an_id_that_nobody_had():
    merged = edits.merge_speakers(script(), "S3", "S1")
    split, new_id = edits.split_speaker(merged, "S1", ["S3_0003"], "Bob")
    assert new_id == "S4", "S3 still stands in the ids of lines"
    assert split.speaker("S4").name == "Bob" and split.speaker("S4").voice is None
    assert [found.id for found in split.lines if found.speaker == "S4"] == ["S3_0003"]


@pytest.mark.parametrize("ids", [[], ["S1_0001", "S1_0004"], ["S2_0002"]])
def test_a_split_takes_some_lines_of_that_speaker(ids):
    with pytest.raises(ScriptError):
        edits.split_speaker(script(), "S1", ids)


@pytest.mark.parametrize(
    "act",
    [
        lambda s: edits.edit_line(s, "S9_0001", text="x"),
        lambda s: edits.edit_line(s, "S1_0001", speaker="S9"),
        lambda s: edits.request_another_take(s, "S9_0001"),
        lambda s: edits.rename_speaker(s, "S9", "x"),
        lambda s: edits.merge_speakers(s, "S9", "S1"),
        lambda s: edits.merge_speakers(s, "S1", "S9"),
        lambda s: edits.split_speaker(s, "S9", ["S1_0001"]),
        lambda s: edits.split_speaker(s, "S1", ["S1_0009"]),
    ],
)
def test_what_does_not_exist_is_told_with_what_does(act):
    with pytest.raises(ScriptError) as caught:
        act(script())
    assert caught.value.hint.startswith("There are")


IDS = [found.id for found in script().lines]
WORDS = st.text(max_size=12)
ACTS = st.one_of(
    st.tuples(
        st.just("edit"),
        st.sampled_from(IDS),
        st.fixed_dictionaries(
            {},
            optional={
                "text": WORDS,
                "translation": WORDS,
                "direction": WORDS,
                "speaker": st.sampled_from(["S1", "S2", "S3", "S4"]),
                "start": st.integers(-10, 7000),
                "end": st.integers(-10, 7000),
            },
        ),
    ),
    st.tuples(st.just("take"), st.sampled_from(IDS)),
    st.tuples(st.just("use"), st.sampled_from(IDS), st.sampled_from(["t01", "t02"])),
    st.tuples(st.just("merge"), *[st.sampled_from(["S1", "S2", "S3", "S4"])] * 2),
    st.tuples(st.just("split"), st.sampled_from(["S1", "S2"]), st.sets(st.sampled_from(IDS)), WORDS),
    st.tuples(st.just("name"), st.sampled_from(["S1", "S4"]), WORDS),
)


def done(given_, act, *with_):
    match act:
        case "edit":
            return edits.edit_line(given_, with_[0], **with_[1])
        case "take":
            return edits.request_another_take(given_, *with_)
        case "use":
            return edits.use_take(given_, *with_)
        case "merge":
            return edits.merge_speakers(given_, *with_)
        case "split":
            return edits.split_speaker(given_, *with_)[0]
        case _:
            return edits.rename_speaker(given_, *with_)


@given(st.lists(ACTS, max_size=8))
def test_whatever_is_done_the_script_stays_whole(acts):
    current = script()
    for act in acts:
        try:
            current = done(current, *act)
        except ScriptError:
            continue
        assert sorted(found.id for found in current.lines) == sorted(IDS), "a line keeps its id"
        assert [found.start for found in current.lines] == sorted(found.start for found in current.lines)
        ids = [speaker.id for speaker in current.speakers]
        assert set(ids) == {found.speaker for found in current.lines}, "who speaks is listed, nobody else"
        assert len(ids) == len(set(ids))
        for found in current.lines:
            assert len(found.edited) == len(set(found.edited))
            assert found.takes == script().line(found.id).takes, "takes are never thrown away"
            assert 0 <= found.start < found.end <= LENGTH


@given(st.sampled_from(IDS), st.dictionaries(st.sampled_from(["text", "translation", "direction"]), WORDS))
def test_an_edit_done_twice_is_done_once(line_id, changes):
    try:
        once = edits.edit_line(script(), line_id, **changes)
    except ScriptError:
        return
    assert edits.edit_line(once, line_id, **changes) == once
    others = [found for found in once.lines if found.id != line_id]
    assert others == [found for found in script().lines if found.id != line_id]


def test_a_wrong_range_is_told_in_timecode():
    with pytest.raises(ScriptError) as caught:
        edits.edit_line(script(), "S1_0001", start=96_000, end=50_000)
    assert "from 00:00:02:00 to 00:00:01:01" in caught.value.message
    assert caught.value.hint.endswith("(00:00:00:00 to 00:00:10:00).")
