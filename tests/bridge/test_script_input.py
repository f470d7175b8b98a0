"""Dialogue lists as scripts and translations: our own papers, and tables of other people."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from rythmo.errors import InputError, SubtitleError
from rythmo.script.subtitle_file import ExpectedSubtitles
from rythmo_bridge.deliver import deliver
from rythmo_bridge.script_input import read_file

ENGLISH = "Are you there? Nobody answers me. It is getting dark outside, and we should go home now."
SPANISH = "¿Estás ahí? Nadie me contesta. Está oscureciendo fuera, y deberíamos irnos a casa ya."


@pytest.mark.parametrize("name", ["dialogue-list", "cue-sheet", "csv"])
def test_our_own_papers_are_read_back_in_either_language(dub, name):
    whole = dub.script.map_lines(lambda line: replace(line, text=ENGLISH, translation=SPANISH))
    (path,) = deliver(dub.folder, whole, [name], source=None)
    rate = dub.script.programme.rate
    script = read_file(path, expected=ExpectedSubtitles("en", "es", rate=rate))
    translation = read_file(path, expected=ExpectedSubtitles("es", "en", rate=rate))
    assert len(script.cues) == len(translation.cues) == len(dub.script.lines)
    assert script.cues[0].speaker == "Ana"
    assert (script.cues[0].text, translation.cues[0].text) == (ENGLISH, SPANISH)


def _table(tmp_path, text):
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_column_in_the_expected_language_is_taken(tmp_path):
    path = _table(
        tmp_path, f"In;Out;Role;Original;Translation\n00:00:01:00;00:00:04:12;ANA;{ENGLISH};{SPANISH}\n"
    )
    for language, other, words in (("en", "es", ENGLISH), ("es", "en", SPANISH)):
        (cue,) = read_file(path, expected=ExpectedSubtitles(language, other, rate=Fraction(25))).cues
        assert (cue.text, cue.speaker, cue.start, cue.end) == (words, "ANA", 48_000, 4 * 48_000 + 23_040)


def test_a_row_without_an_end_lasts_to_the_next_one(tmp_path):
    path = _table(tmp_path, f"Time in,Start,Dialogue\n,00:00:01.0,{'word ' * 30}\n,00:00:02.0,Yes.\n")
    first, last = read_file(path, expected=ExpectedSubtitles("en")).cues
    assert (first.end, last.end - last.start) == (96_000, 33_600)


@pytest.mark.parametrize(
    "text", ["", "a;b\n1;2\n", "Original;Translation\nHi;Hola\n", "In;Translation\n;Hola\n"]
)
def test_tables_that_are_no_script_get_one_clear_error(tmp_path, text):
    with pytest.raises(InputError):
        read_file(_table(tmp_path, text), expected=ExpectedSubtitles("es"))


def test_words_in_the_other_language_are_refused(tmp_path):
    path = _table(tmp_path, f"In;Out;Original\n00:00:01:00;00:00:04:00;{ENGLISH}\n")
    with pytest.raises(SubtitleError):
        read_file(path, expected=ExpectedSubtitles("es", "en", rate=Fraction(25)))
