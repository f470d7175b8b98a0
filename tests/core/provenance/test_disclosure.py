"""The sentence that says that voices are a machine's: in which language, where, and where not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from rythmo.errors import UsageError
from rythmo.provenance.disclosure import (
    CARD,
    REPORT,
    SUBTITLES,
    add_disclosure_cue,
    check_places,
    find_disclosure,
    word_disclosure,
)
from rythmo.provenance.provenance_settings import ProvenanceSettings
from rythmo.script.model import Line, Programme, Script
from rythmo.script.takes import ORIGINAL, Placement, Take, VoiceRef

RATE = 48_000
EVERYWHERE = ProvenanceSettings(disclosure="report, subtitles,card")


def script(start, end, *, seconds=60, engine="kokoro"):
    take = Take("t01", "takes/a.wav", 100, "hola", engine, VoiceRef(engine, "v"))
    line = Line("S1_0001", "S1", start * RATE, end * RATE, "hello", takes=(take,), chosen="t01")
    line = replace(line, placement=Placement(start * RATE, end * RATE, end * RATE))
    programme = Programme("film", "film.mp4", seconds * RATE, RATE, 2, Fraction(25))
    return Script(programme, "en", "es", lines=(line,))


def test_it_is_said_in_the_language_of_the_dub_or_in_the_users_words():
    assert word_disclosure("es", EVERYWHERE).startswith("Las voces")
    assert word_disclosure("pt-br", EVERYWHERE).startswith("As vozes")
    assert word_disclosure("xx", EVERYWHERE).startswith("The voices")
    own = replace(EVERYWHERE, disclosure_text={"es": "Voces sintéticas."})
    assert word_disclosure("es-mx", own) == "Voces sintéticas."


def test_it_stands_where_it_is_wanted_and_only_for_a_machines_voice():
    dub = script(1, 5)
    assert [bool(find_disclosure(dub, EVERYWHERE, place)) for place in (REPORT, SUBTITLES, CARD)] == [
        True
    ] * 3
    usual = ProvenanceSettings()
    assert [bool(find_disclosure(dub, usual, place)) for place in (REPORT, SUBTITLES, CARD)] == [
        True,
        False,
        False,
    ]
    assert not find_disclosure(script(1, 5, engine=ORIGINAL), EVERYWHERE, REPORT)
    assert add_disclosure_cue(dub, usual) is dub
    assert check_places(" ") == ()
    with pytest.raises(UsageError, match="no place 'cinema'"):
        check_places("report,cinema")


@pytest.mark.parametrize(
    ("spoken", "seconds", "cue"),
    [((1, 50), 60, (56, 60)), ((10, 58), 60, (0, 4)), ((1, 59), 60, (56, 60)), ((0, 1), 2, (0, 2))],
)
def test_its_cue_stands_where_nobody_speaks_if_there_is_such_a_place(spoken, seconds, cue):
    (note,) = add_disclosure_cue(script(*spoken, seconds=seconds), EVERYWHERE).sounds
    assert (note.start, note.end) == (cue[0] * RATE, cue[1] * RATE)
    assert note.language == "es"
