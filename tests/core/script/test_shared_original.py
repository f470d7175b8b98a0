"""What the languages of a programme share, and what stays with each."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.script import edits
from rythmo.script.line_structure import delete_lines, join_lines, split_line
from rythmo.script.locks import set_locked
from rythmo.script.model import Flag, Line, Programme, Script, SoundNote, Speaker, Status, Word
from rythmo.script.review_state import ReviewState
from rythmo.script.shared_original import (
    CHECK_TRANSLATION,
    OUT_OF_DATE,
    OWN_FIELDS,
    SHARED_FIELDS,
    claim_corrections,
    extract_original,
    find_out_of_date,
    is_out_of_date,
    keep_corrections,
    make_language,
    merge_original,
    refresh_line,
    refresh_script,
)
from rythmo.script.takes import ClipEdit, Placement, Take, VoiceRef
from rythmo.script.text_cuts import Cut

VOICE = VoiceRef("toy", "v150", {"hz": 150})


def line(number, speaker, start, language="es", **more):
    line_id = f"{speaker}_{number:04}"
    words = f"{language} {number}"
    take = Take("t01", f"takes/{line_id}_t01.wav", 9, words, "toy 1", VOICE, "k")
    spoken = (Word(f"said{number}", start, start + 400),)
    return Line(
        line_id, speaker, start, start + 500, f"said {number}", words=spoken, translation=words,
        takes=(take,), chosen="t01", placement=Placement(start, start + 450, start + 900),
        status=Status.VOICED, **more,
    )  # fmt: skip


def script(language="es", count=6, people=3):
    lines = tuple(line(n + 1, f"S{n % people + 1}", n * 1000, language) for n in range(count))
    speakers = tuple(Speaker(f"S{n + 1}", f"Speaker {n + 1}", VOICE) for n in range(people))
    return Script(Programme("x", "x.wav", 480_000, 48_000, 2), "en", language, speakers, lines)


def codes(script, line_id):
    return {flag.code for flag in script.line(line_id).flags}


def corrected(script, change):
    """The script after a correction, saved with a new revision."""
    return replace(change(script), original=script.original + 1)


def test_every_field_of_a_line_belongs_to_the_original_or_to_the_language():
    assert {field.name for field in fields(Line)} == SHARED_FIELDS | OWN_FIELDS
    # Whoever adds a field decides here whether other languages get it, and in `extract_line`.
    assert {
        "translation", "direction", "takes", "chosen", "placement", "prosody", "manner", "variation", "until",
        "edited", "clip", "conformed", "status", "flags", "translation_as_shown", "review", "comments",
        "locked", "layout", "on_screen", "picture_under",
    } == OWN_FIELDS  # fmt: skip


def test_a_further_language_has_the_corrected_original_and_nothing_of_the_first():
    first = edits.rename_speaker(script(), "S1", "Anna")
    first = edits.edit_line(first, "S2_0002", text="really said", direction="tired")
    first = replace(first, sounds=(SoundNote(0, 9, "[door]", "en"), SoundNote(0, 9, "[puerta]", "es")))
    first = replace(first, engines={"separator": "toy 1", "voice": "toy 2"})
    made = make_language(first, "pt")
    assert extract_original(made) == extract_original(first)
    assert made.engines == {"separator": "toy 1"}
    assert made.target_language == "pt"
    assert not any(one.takes or one.translation or one.placement or one.flags for one in made.lines)
    assert made.line("S2_0002").direction == "tired"
    assert [speaker.voice for speaker in made.speakers] == [None] * 3
    assert (made.speaker("S1").name, made.speaker("S1").edited) == ("Anna", ("name",))
    assert not is_out_of_date(made)


def test_a_further_language_is_told_what_was_found_in_the_original():
    strange = Flag("foreign-letters", "The words are not in the letters of English.")
    first = script().with_line(script().line("S1_0001").add_flags(strange, Flag("fast", "too fast")))
    assert make_language(first, "pt").line("S1_0001").flags == (strange,)


def test_a_corrected_text_makes_that_line_out_of_date_and_no_other():
    first = corrected(script(), lambda one: edits.edit_line(one, "S2_0002", text="really said"))
    merged = merge_original(script("pt"), first)
    assert find_out_of_date(merged) == ("S2_0002",)
    changed = merged.line("S2_0002")
    assert (changed.text, changed.translation, changed.chosen) == ("really said", "pt 2", "t01")
    assert refresh_line(changed).translation == ""
    assert not find_out_of_date(refresh_script(merged))
    others = [one for one in merged.lines if one.id != "S2_0002"]
    assert others == [one for one in script("pt").lines if one.id != "S2_0002"]


def test_a_translation_that_a_person_wrote_is_kept_and_has_to_be_checked():
    own = edits.edit_line(script("pt"), "S2_0002", translation="à mão")
    first = corrected(script(), lambda one: edits.edit_line(one, "S2_0002", text="really said"))
    merged = merge_original(own, first)
    assert codes(merged, "S2_0002") == {CHECK_TRANSLATION}
    assert refresh_script(merged).line("S2_0002").translation == "à mão"
    assert "text" in merged.line("S2_0002").edited
    checked = edits.edit_line(merged, "S2_0002", translation="à mão")
    assert not checked.line("S2_0002").flags
    assert not edits.edit_line(merged, "S2_0002", translation="outra").line("S2_0002").flags


def test_an_approved_translation_is_kept_and_has_to_be_approved_again():
    own = script("pt")
    own = own.with_line(replace(own.line("S2_0002"), review=ReviewState.APPROVED))
    first = corrected(script(), lambda one: edits.edit_line(one, "S2_0002", text="really said"))
    kept = refresh_script(merge_original(own, first)).line("S2_0002")
    assert (kept.translation, kept.review_state) == ("pt 2", ReviewState.TRANSLATED)
    assert [flag.code for flag in kept.flags] == [CHECK_TRANSLATION]


def test_another_speaker_is_voiced_again_with_the_same_words():
    first = corrected(script(), lambda one: edits.edit_line(one, "S2_0002", speaker="S3"))
    merged = merge_original(script("pt"), first)
    assert find_out_of_date(merged) == ("S2_0002",)
    assert refresh_script(merged).line("S2_0002").translation == "pt 2"
    assert merged.line("S2_0002").speaker == "S3"


def test_merged_speakers_are_merged_everywhere_and_keep_their_voice_here():
    first = corrected(script(), lambda one: edits.merge_speakers(one, "S3", "S1"))
    other = VoiceRef("toy", "v300", {"hz": 300})
    own = replace(script("pt"), speakers=tuple(replace(s, voice=other) for s in script("pt").speakers))
    merged = merge_original(own, first)
    assert [(s.id, s.voice) for s in merged.speakers] == [("S1", other), ("S2", other)]
    assert find_out_of_date(merged) == ("S3_0003", "S3_0006")


def test_a_corrected_time_moves_the_line_and_its_words():
    def move(one):
        moved = edits.edit_line(one, "S2_0002", start=1200, end=1700)
        return moved.with_line(replace(moved.line("S2_0002"), words=(Word("said2", 1200, 1600),)))

    merged = merge_original(script("pt"), corrected(script(), move))
    changed = merged.line("S2_0002")
    assert (changed.start, changed.end, changed.words[0].start) == (1200, 1700, 1200)
    assert find_out_of_date(merged) == ("S2_0002",)
    assert refresh_line(changed).translation == "pt 2"


def retimed(script, line_id, shift):
    """As a conform moves a line: its original stays where it is heard."""
    old = script.line(line_id)
    moved = replace(
        old,
        start=old.start + shift,
        end=old.end + shift,
        words=tuple(replace(w, start=w.start + shift, end=w.end + shift) for w in old.words),
        placement=replace(old.placement, start=old.start + shift, end=old.end + shift),
        said_at=old.original_range,
        clip=ClipEdit(gain_db=-3.0),
        edited=("start", "end", "said_at", "placement", "clip"),
    )
    return script.with_line(moved)


def test_a_timeline_that_moved_a_line_changes_its_own_language_only():
    first = retimed(script(), "S2_0002", 300)
    assert extract_original(first) == extract_original(script())
    assert merge_original(script("pt"), replace(first, original=1)).lines == script("pt").lines


def test_a_moved_line_stays_where_it_was_put_when_its_words_are_corrected():
    own = retimed(script("pt"), "S2_0002", 300)
    first = corrected(script(), lambda one: edits.edit_line(one, "S2_0002", text="really said", start=1100))
    changed = merge_original(own, first).line("S2_0002")
    assert (changed.start, changed.said_at) == (1300, (1100, 1500))
    assert changed.clip.gain_db == -3.0
    assert (changed.text, codes(merge_original(own, first), "S2_0002")) == ("really said", {OUT_OF_DATE})
    assert extract_original(merge_original(own, first)) == extract_original(first)


def test_a_line_that_a_timeline_lost_is_lost_in_that_language_only():
    first = script()
    gone = first.line("S2_0002")
    first = replace(
        first,
        lines=tuple(one for one in first.lines if one is not gone),
        removed=(gone,),
        removed_here=(gone.id,),
    )
    assert extract_original(first) == extract_original(script())
    assert merge_original(script("pt"), replace(first, original=1)).lines == script("pt").lines
    assert make_language(first, "fr").line("S2_0002").text == "said 2"
    back = merge_original(first, corrected(script("pt"), lambda one: edits.rename_speaker(one, "S1", "Ana")))
    assert [one.id for one in back.removed] == ["S2_0002"]
    assert "S2_0002" not in {one.id for one in back.lines}


def test_a_removed_line_is_removed_everywhere_and_comes_back_with_its_takes():
    first = script()
    gone = first.line("S2_0002")
    without = replace(
        first, lines=tuple(o for o in first.lines if o is not gone), removed=(gone,), original=1
    )
    merged = merge_original(script("pt"), without)
    assert [one.id for one in merged.removed] == ["S2_0002"]
    assert "S2_0002" not in {one.id for one in merged.lines}
    again = merge_original(merged, replace(first, original=2))
    assert again.lines == script("pt").lines


def test_a_line_that_was_joined_away_is_set_aside_and_comes_back():
    first = script()
    joined = replace(first, lines=first.lines[:1] + first.lines[2:], original=1)
    own = edits.edit_line(script("pt"), "S2_0002", translation="à mão")
    merged = merge_original(own, joined)
    assert [one.id for one in merged.set_aside] == ["S2_0002"]
    assert merge_original(merged, replace(first, original=2)).lines == own.lines
    assert edits.add_line(replace(merged, lines=merged.lines[:1]), 9000, 9500, "x")[1].endswith("_0003")


def test_a_new_line_is_made_here_too():
    first = corrected(script(), lambda one: edits.add_line(one, 9000, 9500, "new", speaker="S2")[0])
    merged = merge_original(script("pt"), first)
    assert find_out_of_date(merged) == ("S2_0007",)
    assert refresh_script(merged).line("S2_0007").text == "new"


def test_a_changed_programme_concerns_every_language():
    programme = replace(script().programme, start_frame=90_000)
    merged = merge_original(script("pt"), replace(script(), programme=programme, original=1))
    assert merged.programme == programme
    assert is_out_of_date(merged)
    assert not is_out_of_date(refresh_script(merged))


def test_undo_leaves_what_another_language_corrected():
    before = script("pt")
    own, added = edits.add_line(before, 9000, 9500, "new", speaker="S2")
    first = corrected(own, lambda one: edits.edit_line(one, "S1_0001", text="theirs"))
    first = corrected(first, lambda one: edits.rename_speaker(one, "S1", "Anna"))
    merged = merge_original(own, first)
    undone = keep_corrections(merged, before)
    assert added not in {one.id for one in undone.lines}
    assert undone.line("S1_0001").text == "theirs"
    assert undone.speaker("S1").name == "Anna"
    assert undone.original == merged.original
    again = claim_corrections(edits.edit_line(merged, "S1_0001", text="ours"), first)
    assert keep_corrections(again, merged).line("S1_0001").text == "theirs", "own edits can be undone"


def test_undo_brings_no_line_back_that_another_language_removed():
    before = script("pt")
    own = edits.edit_line(before, "S3_0003", translation="à mão")
    gone = script().line("S2_0002")
    left = tuple(one for one in script().lines if one.id != gone.id)
    merged = merge_original(own, replace(script(), lines=left, removed=(gone,), original=1))
    undone = keep_corrections(merged, replace(before, removed=merged.removed))
    assert gone.id not in {one.id for one in undone.lines}


IDS = [one.id for one in script().lines]
CHANGES = st.one_of(
    st.tuples(st.just("text"), st.sampled_from(IDS), st.text("ab ", min_size=1).filter(str.strip)),
    st.tuples(st.just("speaker"), st.sampled_from(IDS), st.sampled_from(["S1", "S2", "S3"])),
    st.tuples(st.just("start"), st.sampled_from(IDS), st.integers(0, 400)),
    st.tuples(st.just("name"), st.sampled_from(["S1", "S2", "S3"]), st.sampled_from(["Anna", "Bob", "Cy"])),
    st.tuples(st.just("translation"), st.sampled_from(IDS), st.sampled_from(["uno", "dos"])),
    st.tuples(st.just("merge"), st.sampled_from(["S2", "S3"]), st.just("S1")),
    st.tuples(st.just("move"), st.sampled_from(IDS), st.integers(1, 200)),
)


def apply(script, kind, what, value):
    if kind == "name":
        return edits.rename_speaker(script, what, value)
    if kind == "merge":
        return edits.merge_speakers(script, what, value)
    if kind == "move":
        return retimed(script, what, value)
    if kind == "start":
        value += script.line(what).original_range[0]
        if script.line(what).said_at or value >= script.line(what).end:
            return script
    return edits.edit_line(script, what, **{kind: value})


@given(st.lists(st.tuples(st.sampled_from(["es", "pt", "fr"]), CHANGES), max_size=12))
def test_whoever_corrects_what_the_others_have_it_and_keep_their_own(sequence):
    held = {name: script(name) for name in ("es", "pt", "fr")}
    hands: dict[tuple[str, str], str] = {}
    for name, (kind, what, value) in sequence:
        newest = max(held.values(), key=lambda one: one.original)
        own = held[name] if held[name].original == newest.original else merge_original(held[name], newest)
        try:
            after = apply(own, kind, what, value)
        except edits.ScriptError:
            continue
        if kind == "text":
            hands.pop((name, what), None)
        if kind == "translation":
            hands[name, what] = value
        if extract_original(after) != extract_original(newest):
            after = replace(after, original=newest.original + 1)
        held[name] = after
    newest = max(held.values(), key=lambda one: one.original)
    merged = {name: merge_original(one, newest) for name, one in held.items()}
    for name, one in merged.items():
        assert extract_original(one) == extract_original(newest)
        assert merge_original(one, newest) == one, "merging again changes nothing"
        for own in one.lines:
            wanted = hands.get((name, own.id))
            if wanted is not None:
                assert own.translation == wanted, "a person's translation is never lost"
            elif own.text == f"said {own.id[-1]}" and "text" not in own.edited:
                assert own.translation == f"{name} {own.id[-1]}"


@pytest.mark.parametrize("language", ["es", "pt"])
def test_merging_what_is_shared_already_changes_nothing(language):
    assert merge_original(script(language), replace(script(), original=0)) == script(language)


def test_lines_that_were_split_joined_and_deleted_are_so_in_every_language():
    """And a new line has an id that no language has used."""

    def reshape(script):
        cut = Cut(4, 200, 300, 1)
        script, _ = split_line(script, "S1_0001", cut)
        script = join_lines(script, ["S2_0002", "S3_0003"], across_speakers=True)
        return delete_lines(script, ["S1_0004"])

    newest = corrected(script(), reshape)
    own = merge_original(script("fr"), newest)
    assert [line.id for line in own.lines] == [line.id for line in newest.lines]
    assert own.line("S1_0001").text == "said" and own.line("S1_0007").text == "1"
    assert own.line("S1_0001").shaped and own.line("S1_0001").takes
    gone = {line.id: line.joined_into for line in own.removed}
    assert gone == {"S3_0003": "S2_0002", "S1_0004": ""}
    assert own.last_number == 7


def test_a_locked_line_keeps_what_is_heard_when_the_original_is_corrected():
    locked = set_locked(script("fr"), ["S1_0001"], locked=True)
    newest = corrected(
        script(), lambda one: edits.edit_line(one, "S1_0001", text="other", end=600, speaker="S2")
    )
    line = merge_original(locked, newest).line("S1_0001")
    was = locked.line("S1_0001")
    assert (line.translation, line.chosen, line.placement) == (was.translation, was.chosen, was.placement)
    assert codes(merge_original(locked, newest), "S1_0001") == {CHECK_TRANSLATION}
