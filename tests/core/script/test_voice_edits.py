"""A voice chosen, released and locked by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rythmo.dubbing.project_edits import sounds_same
from rythmo.errors import ScriptError
from rythmo.script.model import Line, Programme, Script, Speaker
from rythmo.script.takes import Take, VoiceRef
from rythmo.script.undo import find_difference, restore_state
from rythmo.script.voice_edits import choose_voice, list_kept_lines, lock_voice, release_voice

VOICE, OTHER = VoiceRef("toy", "v150", {"hz": 150}), VoiceRef("toy", "v300", {"hz": 300})


def line(number, speaker, voice=VOICE, **more):
    line_id = f"{speaker}_{number:04}"
    human = voice.engine == "human"
    take = Take("t01", f"takes/{line_id}_t01.wav", 9, "dicho", "toy 1", voice, "k", human=human)
    return Line(line_id, speaker, number * 1000, number * 1000 + 500, "said", translation="dicho",
                takes=(take,), chosen="t01", variation=2, edited=("chosen",), **more)  # fmt: skip


def script(**more):
    lines = (line(1, "S1"), line(2, "S2"), line(3, "S1", locked=True), line(4, "S1", VoiceRef("human", "")))
    people = (Speaker("S1", "Anna", VOICE, **more), Speaker("S2", "Ben", VOICE))
    return Script(Programme("x", "x.wav", 480_000, 48_000, 2), "en", "es", people, lines)


def test_a_chosen_voice_voices_only_that_speakers_own_takes_anew():
    before = script()
    after = choose_voice(before, "S1", OTHER)
    assert (after.speaker("S1").voice, after.speaker("S1").edited) == (OTHER, ("voice",))
    anew = [line.id for line in after.lines if line != before.line(line.id)]
    assert anew == ["S1_0001"], "not another's, not a locked one, and none that no engine spoke"
    assert (after.line("S1_0001").edited, after.line("S1_0001").variation) == ((), 0)
    assert list_kept_lines(after, "S1") == ["S1_0003", "S1_0004"]


def test_choosing_the_voice_that_somebody_has_only_confirms_it():
    before = script()
    after = choose_voice(before, "S1", VOICE)
    assert after.lines == before.lines and after != before
    assert sounds_same(before, after)
    assert choose_voice(after, "S1", VOICE) == after


def test_a_chosen_voice_is_no_clone():
    assert choose_voice(script(consent="0123"), "S1", VOICE).speaker("S1").consent == ""


def test_a_locked_voice_changes_only_once_it_is_unlocked():
    locked = lock_voice(script(), "S1", locked=True)
    for change in (lambda s: choose_voice(s, "S1", OTHER), lambda s: release_voice(s, "S1")):
        with pytest.raises(ScriptError, match="Anna is locked") as caught:
            change(locked)
        assert "--unlock S1" in caught.value.hint
    free = lock_voice(locked, "S1", locked=False)
    assert choose_voice(free, "S1", OTHER).speaker("S1").voice == OTHER
    assert free.speaker("S1").edited == ("voice",), "what the cast file locked stays unlocked"


def test_a_lock_changes_nothing_that_sounds():
    assert sounds_same(script(), lock_voice(script(), "S1", locked=True))
    assert not sounds_same(script(), choose_voice(script(), "S1", OTHER))


@pytest.mark.parametrize(("fields", "what"), [({"consent": "0123"}, "clone"), ({"voice": None}, "no voice")])
def test_what_cannot_be_locked_is_said(fields, what):
    there = script()
    person = replace(there.speaker("S1"), **fields)
    with pytest.raises(ScriptError, match=what):
        lock_voice(replace(there, speakers=(person, *there.speakers[1:])), "S1", locked=True)


def test_a_released_voice_is_cast_again_and_one_that_nobody_chose_stays():
    chosen = choose_voice(script(), "S1", OTHER)
    free = release_voice(chosen, "S1")
    assert (free.speaker("S1").voice, free.speaker("S1").edited) == (None, ())
    assert release_voice(script(), "S1") == script()


def test_undo_gives_the_voice_back():
    before = script()
    after = lock_voice(choose_voice(before, "S1", OTHER), "S1", locked=True)
    assert restore_state(after, find_difference(before, after)) == before
