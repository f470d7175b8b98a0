"""Lines are split, joined, deleted and restored; locked ones stay as they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rythmo.errors import LockedLineError, ScriptError
from rythmo.script import edits
from rythmo.script.line_structure import delete_lines, join_lines, restore_line, split_line
from rythmo.script.locks import keep_locked, set_locked
from rythmo.script.model import Flag, Line, Programme, Prosody, Script, Speaker, Word
from rythmo.script.takes import ClipEdit, GainPoint, Placement, Take, VoiceRef
from rythmo.script.text_cuts import find_cut_at_sample, find_cut_at_word

VOICE = VoiceRef("toy", "v", {})
TEXT, TRANSLATION = "Where were you? I waited.", "¿Dónde estabas? Te esperé."


def make_line(number, speaker, start, text=TEXT, translation=TRANSLATION, **more):
    """A line of a second for each word, voiced."""
    line_id, words = f"{speaker}_{number:04}", text.split()
    timed = tuple(Word(word, start + n * 1000, start + n * 1000 + 800) for n, word in enumerate(words))
    take = Take("t01", f"takes/{line_id}_t01.wav", 900, translation, "toy 1", VOICE, f"k{number}")
    end = start + len(words) * 1000 - 200
    return Line(
        line_id,
        speaker,
        start,
        end,
        text,
        timed,
        translation,
        takes=(take,),
        chosen="t01",
        placement=Placement(start, end, end + 50),
        prosody=Prosody(120.0),
        **more,
    )


def make_script(*lines):
    lines = lines or (make_line(1, "S1", 0), make_line(2, "S1", 6000), make_line(3, "S2", 12_000))
    people = tuple(Speaker(one, one, VOICE) for one in sorted({line.speaker for line in lines}))
    return Script(Programme("x", "x.wav", 480_000, 48_000, 2), "en", "es", people, tuple(lines))


def split(script, line_id="S1_0001", word=3):
    return split_line(script, line_id, find_cut_at_word(script.line(line_id), word))


def test_the_first_part_keeps_the_id_and_the_second_has_a_new_one():
    script, new_id = split(make_script())
    first, second = script.line("S1_0001"), script.line(new_id)
    assert new_id == "S1_0004"
    assert [(line.text, line.translation) for line in (first, second)] == [
        ("Where were you?", "¿Dónde estabas?"),
        ("I waited.", "Te esperé."),
    ]
    assert (first.start, first.end, second.start, second.end) == (0, 2800, 3000, 4800)
    assert [word.text for line in (first, second) for word in line.words] == TEXT.split()
    assert [line.id for line in script.lines] == ["S1_0001", "S1_0004", "S1_0002", "S2_0003"]


def test_both_parts_are_to_be_voiced_and_the_old_takes_stay_with_the_first():
    before = make_script()
    script, new_id = split(before)
    first, second = script.line("S1_0001"), script.line(new_id)
    assert (first.takes, second.takes) == (before.line("S1_0001").takes, ())
    for line in (first, second):
        assert (line.take, line.placement, line.prosody) == (None, None, None)


def test_an_id_is_not_given_again_to_another_line():
    script, new_id = split(make_script())
    script = delete_lines(script, [new_id])
    script, other = edits.add_line(script, 100_000, 110_000, "New", speaker="S2")
    assert (new_id, other) == ("S1_0004", "S2_0005")
    undone = replace(make_script(), last_number=script.last_number)
    assert split(undone)[1] == "S1_0006"


@pytest.mark.parametrize(
    ("translation", "edited", "wanted", "marks"),
    [
        # The machine's sentences answer to those of the text: they stay.
        (TRANSLATION, (), ("¿Dónde estabas?", "Te esperé."), (False, False)),
        # They do not: both parts are translated again.
        ("Dónde estabas, te esperé", (), ("", ""), (False, False)),
        # A person's words are kept and cut at the best place.
        ("Dónde estabas, te esperé", ("translation",), ("Dónde estabas,", "te esperé"), (True, True)),
        ("Anda", ("translation",), ("Anda", ""), (True, False)),
        # Silenced by hand: both parts are silent.
        ("", ("translation",), ("", ""), (True, True)),
    ],
)
def test_the_translation_follows(translation, edited, wanted, marks):
    line = make_line(1, "S1", 0, translation=translation, edited=edited)
    script, new_id = split(make_script(line))
    parts = script.line("S1_0001"), script.line(new_id)
    assert tuple(part.translation for part in parts) == wanted
    assert tuple("translation" in part.edited for part in parts) == marks


def test_what_an_editor_did_to_the_clip_goes_where_it_belongs():
    clip = ClipEdit(head=5, tail=7, gain_db=2.0, fade_in=10, fade_out=20, levels=(GainPoint(3, 1.0),))
    line = make_line(1, "S1", 0, clip=clip, until=5500, edited=("until", "placement", "chosen", "direction"))
    line = replace(line, said_at=(100_000, 104_800), conformed="t01 abc", direction="tired", variation=2)
    script, new_id = split(make_script(line))
    first, second = script.line("S1_0001"), script.line(new_id)
    assert first.clip == ClipEdit(gain_db=2.0, fade_in=10) and second.clip == ClipEdit(
        gain_db=2.0, fade_out=20
    )
    assert (first.until, second.until) == (None, 5500)
    assert (first.said_at, second.said_at) == ((100_000, 102_800), (103_000, 104_800))
    for part in (first, second):
        assert (part.direction, part.variation, part.conformed) == ("tired", 0, "")
        assert not {"placement", "chosen"} & set(part.edited)


def test_flags_of_the_take_go_and_those_of_the_original_stay():
    line = make_line(1, "S1", 0).add_flags(
        Flag("fast", ""), Flag("qc-loud", ""), Flag("take-hiss", ""), Flag("doubtful-words", "")
    )
    script, new_id = split(make_script(line))
    assert [flag.code for flag in script.line(new_id).flags] == ["doubtful-words"]


def test_a_joined_line_has_the_id_of_its_first_and_nothing_is_lost():
    before = make_script()
    script = join_lines(before, ["S1_0002", "S1_0001"])
    line = script.line("S1_0001")
    assert (line.start, line.end, line.text) == (0, 10_800, f"{TEXT} {TEXT}")
    assert line.translation == f"{TRANSLATION} {TRANSLATION}" and len(line.words) == 10
    assert (line.take, line.placement) == (None, None)
    (gone,) = script.removed
    assert (gone.id, gone.joined_into, gone.takes) == ("S1_0002", "S1_0001", before.line("S1_0002").takes)
    with pytest.raises(ScriptError, match="are in S1_0001"):
        restore_line(script, "S1_0002")


def test_split_and_joined_again_it_says_the_same():
    before = make_script()
    script, new_id = split(before)
    again = join_lines(script, ["S1_0001", new_id]).line("S1_0001")
    was = before.line("S1_0001")
    assert [getattr(again, name) for name in ("id", "start", "end", "text", "translation", "words")] == [
        getattr(was, name) for name in ("id", "start", "end", "text", "translation", "words")
    ]


@pytest.mark.parametrize(
    ("ids", "across", "message"),
    [
        (["S1_0001"], False, "One line"),
        (["S1_0002", "S2_0003"], False, "different speakers"),
        (["S1_0001", "S2_0003"], True, "S1_0002 lies between"),
        (["S1_0001", "S9_0009"], True, "no line 'S9_0009'"),
    ],
)
def test_what_cannot_be_joined_is_told(ids, across, message):
    with pytest.raises(ScriptError, match=message):
        join_lines(make_script(), ids, across_speakers=across)


def test_lines_of_different_speakers_are_joined_when_asked():
    script = join_lines(make_script(), ["S1_0002", "S2_0003"], across_speakers=True)
    assert script.line("S1_0002").speaker == "S1"
    assert [one.id for one in script.speakers] == ["S1"]


def test_somebody_elses_word_in_between_does_not_keep_two_lines_apart():
    lines = make_line(1, "S1", 0), make_line(2, "S2", 4900, "Hm.", "Hm."), make_line(3, "S1", 6000)
    script = join_lines(make_script(*lines), ["S1_0001", "S1_0003"])
    assert [line.id for line in script.lines] == ["S1_0001", "S2_0002"]


def test_an_untranslated_part_has_the_whole_translated():
    lines = make_line(1, "S1", 0), make_line(2, "S1", 6000, translation="")
    assert join_lines(make_script(*lines), ["S1_0001", "S1_0002"]).line("S1_0001").translation == ""
    by_hand = replace(lines[0], edited=("translation",))
    joined = join_lines(make_script(by_hand, lines[1]), ["S1_0001", "S1_0002"]).line("S1_0001")
    assert (joined.translation, joined.edited) == (TRANSLATION, ("translation",))


def test_a_deleted_line_is_kept_and_comes_back_as_it_was():
    before = make_script()
    script = delete_lines(before, ["S2_0003"])
    assert [line.id for line in script.lines] == ["S1_0001", "S1_0002"]
    assert [one.id for one in script.speakers] == ["S1"]
    back = restore_line(script, "S2_0003")
    assert back.lines == before.lines and back.removed == ()
    assert [one.id for one in back.speakers] == ["S1", "S2"]
    with pytest.raises(ScriptError, match="was not deleted"):
        restore_line(back, "S2_0003")


LOCKED_EDITS = {
    "words": lambda script: edits.edit_line(script, "S1_0001", translation="x"),
    "times": lambda script: edits.edit_line(script, "S1_0001", end=4000),
    "speaker": lambda script: edits.edit_line(script, "S1_0001", speaker="S2"),
    "take": lambda script: edits.use_take(script, "S1_0001", "t01"),
    "again": lambda script: edits.request_another_take(script, "S1_0001"),
    "split": split,
    "join": lambda script: join_lines(script, ["S1_0001", "S1_0002"]),
    "delete": lambda script: delete_lines(script, ["S1_0002", "S1_0001"]),
    "merge": lambda script: edits.merge_speakers(script, "S1", "S2"),
    "split off": lambda script: edits.split_speaker(script, "S1", ["S1_0001"]),
}


@pytest.mark.parametrize("name", LOCKED_EDITS)
def test_a_locked_line_is_changed_by_nothing(name):
    script = set_locked(make_script(), ["S1_0001"], locked=True)
    with pytest.raises(LockedLineError, match="S1_0001 is locked") as caught:
        LOCKED_EDITS[name](script)
    assert "--unlock" in caught.value.hint
    assert LOCKED_EDITS[name](set_locked(script, ["S1_0001"], locked=False))


def test_its_flags_are_all_that_engines_may_change_of_a_locked_line():
    script = set_locked(make_script(), ["S1_0001"], locked=True)
    made = script.map_lines(
        lambda line: replace(line, translation="x", chosen=None).add_flags(Flag("fast", ""))
    )
    kept = keep_locked(script, made)
    assert kept.line("S1_0001") == script.line("S1_0001").add_flags(Flag("fast", ""))
    assert kept.line("S1_0002").translation == "x"


def test_setting_an_end_anew_forgets_where_a_timeline_cut_it():
    line = make_line(1, "S1", 0, until=4000, edited=("until",))
    moved = edits.edit_line(make_script(line), "S1_0001", end=5500).line("S1_0001")
    assert (moved.until, moved.edited) == (None, ("end",))


def test_a_time_splits_too():
    script = make_script()
    cut = find_cut_at_sample(script.line("S1_0001"), 2900)
    assert split_line(script, "S1_0001", cut)[0] == split(script)[0]
