"""Human takes in a script: they stay whatever the words become, and are laid as performed unless asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rythmo.errors import LockedLineError, ScriptError
from rythmo.script import edits
from rythmo.script.human_takes import (
    HUMAN_OUT_OF_DATE,
    add_human_take,
    flag_human_take,
    lay_human_take,
    set_layout,
)
from rythmo.script.line_structure import delete_lines, join_lines
from rythmo.script.locks import set_locked
from rythmo.script.model import Line, Programme, Script, Speaker
from rythmo.script.phrases import TakePhrases
from rythmo.script.shared_original import make_language, merge_original
from rythmo.script.slots import FitSettings, Slot
from rythmo.script.store import dumps, parse_script
from rythmo.script.take_names import NameFault, find_named_line, sort_key
from rythmo.script.takes import HUMAN, Take, TakeLayout, VoiceRef

VOICE = VoiceRef("toy", "v")


def make_take(take_id="t02", *, text="hola", offset=None):
    voice = VoiceRef(HUMAN, "S1")
    return Take(
        take_id, f"takes/S1_0001_{take_id}.wav", 90_000, text, HUMAN, voice, "h", human=True, offset=offset
    )


@pytest.fixture
def script():
    def line(number, speaker, start):
        name = f"{speaker}_{number:04}"
        take = Take("t01", f"takes/{name}_t01.wav", 40_000, "hola", "toy 1", VOICE, "k")
        return Line(
            name, speaker, start, start + 48_000, "hello", translation="hola", takes=(take,), chosen="t01"
        )

    lines = (line(1, "S1", 48_000), line(2, "S2", 144_000), line(3, "S1", 240_000), line(12, "S1", 300_000))
    people = (Speaker("S1", "Ann", VOICE), Speaker("S2", "Bob", VOICE))
    return Script(Programme("x", "x.wav", 480_000, 48_000, 2), "en", "es", people, lines)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("S1_0001.wav", "S1_0001"),
        ("S1_0001_t03.wav", "S1_0001"),
        ("ep2 s1-1 take 2 (good).flac", "S1_0001"),
        ("S2_0002-2.wav", "S2_0002"),
        ("S1 0012.wav", "S1_0012"),
        ("20261130_S1_0003_S1_0003.wav", "S1_0003"),
    ],
)
def test_a_name_holds_a_lines_id_as_people_write_it(script, name, line):
    assert find_named_line(name, script).line == line


def test_a_name_without_one_line_is_refused_with_the_reason(script):
    script = join_lines(delete_lines(script, ["S2_0002"]), ["S1_0003", "S1_0012"])
    said = {
        name: find_named_line(name, script)
        for name in (
            "anna.wav",
            "S1_0009.wav",
            "S1_00010.wav",
            "S2_0002.wav",
            "S1_0012.wav",
            "S1_0001 S1_0003.wav",
        )
    }
    faults = [found.fault for found in said.values()]
    assert faults == [
        NameFault.NO_ID,
        NameFault.UNKNOWN,
        NameFault.UNKNOWN,
        NameFault.DELETED,
        NameFault.DELETED,
        NameFault.SEVERAL,
    ]
    assert "joined to S1_0003" in said["S1_0012.wav"].message
    assert all(found.line == "" and found.message for found in said.values())


def test_takes_are_counted_as_people_count():
    assert sorted(["a 10.wav", "a 2.wav", "A 1.wav"], key=sort_key) == ["A 1.wav", "a 2.wav", "a 10.wav"]


def test_a_human_take_stays_when_the_words_the_direction_and_the_speaker_change(script):
    script = add_human_take(script, "S1_0001", make_take())
    for change in ({"translation": "adiós"}, {"direction": "softly"}, {"text": "goodbye"}, {"speaker": "S2"}):
        line = edits.edit_line(script, "S1_0001", **change).line("S1_0001")
        assert line.has_human_take and "chosen" in line.edited
    # A take of an engine gives way.
    assert "chosen" not in edits.edit_line(script, "S2_0002", translation="no").line("S2_0002").edited


def test_other_words_are_flagged_until_they_are_written_back(script):
    script = add_human_take(script, "S1_0001", make_take())
    assert flag_human_take(script.line("S1_0001")).flags == ()
    other = edits.edit_line(script, "S1_0001", translation="adiós")
    flagged = flag_human_take(other.line("S1_0001"))
    assert [flag.code for flag in flagged.flags] == [HUMAN_OUT_OF_DATE]
    assert "“hola”" in flagged.flags[0].message
    back = edits.edit_line(other.with_line(flagged), "S1_0001", translation="hola")
    assert flag_human_take(back.line("S1_0001")).flags == ()


def test_only_a_person_replaces_it(script):
    script = add_human_take(script, "S1_0001", make_take())
    again = edits.request_another_take(script, "S1_0001").line("S1_0001")
    assert "chosen" not in again.edited, "the engine speaks the next take"
    chosen = edits.use_take(script, "S1_0001", "t01").line("S1_0001")
    assert not chosen.has_human_take
    assert chosen.takes == script.line("S1_0001").takes


def test_a_take_can_be_added_without_choosing_it_and_never_to_a_locked_line(script):
    added = add_human_take(script, "S1_0001", make_take(), choose=False).line("S1_0001")
    assert (added.chosen, len(added.takes), added.edited) == ("t01", 2, ())
    locked = set_locked(script, ["S1_0001"], locked=True)
    with pytest.raises(LockedLineError):
        add_human_take(locked, "S1_0001", make_take())


def test_a_correction_in_another_language_keeps_it(script):
    other = make_language(script, "fr")
    script = add_human_take(script, "S1_0001", make_take())
    corrected = replace(edits.edit_line(other, "S1_0001", text="goodbye"), original=1)
    moved = replace(edits.edit_line(other, "S1_0001", speaker="S2"), original=1)
    for newest in (corrected, moved):
        line = merge_original(script, newest).line("S1_0001")
        assert line.has_human_take and "chosen" in line.edited
    assert all(not line.takes for line in other.lines), "a take is of one language"


SLOT = Slot(48_000, 100_000, 240_000, 480_000)
SPOKEN = TakePhrases(((1_000, 20_000), (30_000, 80_000)))


def lay(script, layout=None, offset=None, settings=None):
    script = add_human_take(script, "S1_0001", make_take(offset=offset), layout=layout)
    return lay_human_take(script.line("S1_0001"), SPOKEN, SLOT, settings or FitSettings()).placement


def test_as_performed_nothing_is_stretched_and_pauses_stay(script):
    placed = lay(script)
    assert (placed.start, placed.end, placed.speed) == (48_000, 48_000 + 79_000, 1.0)
    (piece,) = placed.pieces
    assert (piece.source_start, piece.source_end) == (1_000, 80_000)


def test_what_is_too_long_is_flagged_and_stretched_only_when_asked(script):
    script = add_human_take(script, "S1_0001", make_take())
    decision = lay_human_take(script.line("S1_0001"), SPOKEN, SLOT, FitSettings())
    assert [flag.code for flag in decision.flags] == ["overrun"]
    fitted = lay(script, TakeLayout.FITTED)
    assert fitted.end <= SLOT.end and fitted.pieces[-1].source_end == 80_000


@pytest.mark.parametrize(("offset", "start"), [(-5_000, 48_000 - 4_000), (0, 49_000), (2_400, 51_400)])
def test_a_recording_against_picture_lies_where_it_was_recorded(script, offset, start):
    placed = lay(script, TakeLayout.RECORDED, offset)
    assert (placed.start, placed.end) == (start, start + 79_000)


def test_what_was_spoken_before_the_programme_is_cut(script):
    placed = lay(script, TakeLayout.RECORDED, -60_000)
    assert placed.start == 0
    assert placed.pieces[0].source_start == 12_000


def test_a_layout_needs_a_human_take_and_a_place(script):
    with pytest.raises(ScriptError, match="no human take"):
        set_layout(script, "S1_0001", TakeLayout.FITTED)
    script = add_human_take(script, "S1_0001", make_take())
    with pytest.raises(ScriptError, match="not known"):
        set_layout(script, "S1_0001", TakeLayout.RECORDED)
    assert set_layout(script, "S1_0001", TakeLayout.FITTED).line("S1_0001").layout is TakeLayout.FITTED


def test_the_mark_is_stored(script, tmp_path):
    script = add_human_take(script, "S1_0001", make_take(offset=7), layout=TakeLayout.RECORDED)
    assert parse_script(dumps(script), tmp_path) == script
