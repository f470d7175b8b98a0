"""Where a line's words can be cut in two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.errors import ScriptError
from rythmo.script.model import Line, Word
from rythmo.script.text_cuts import (
    find_cut_at_character,
    find_cut_at_sample,
    find_cut_at_word,
    find_cuts,
    find_gaps,
    join_texts,
    split_markup,
    split_translation,
)

SAID = "Where were you last night? I waited for hours."


def line(text, words=None, length=200_000):
    """A line whose words last 15 000 samples each, with pauses of 5 000 between."""
    words = text.split() if words is None else words
    timed = tuple(Word(word, n * 20_000, n * 20_000 + 15_000) for n, word in enumerate(words))
    return Line("S1_0001", "S1", 0, length, text, timed)


def parts(text, cut):
    return text[: cut.character].strip(), text[cut.character :].strip()


def test_each_gap_between_words_is_the_pause_that_is_heard_there():
    cuts = find_cuts(line(SAID))
    assert len(cuts) == len(SAID.split()) - 1
    assert [(cut.word, cut.end, cut.start) for cut in cuts[:2]] == [(1, 15_000, 20_000), (2, 35_000, 40_000)]
    assert parts(SAID, cuts[4]) == ("Where were you last night?", "I waited for hours.")


@pytest.mark.parametrize(("at", "word"), [(99_000, 5), (96_000, 5), (60_100, 3), (1, 1), (199_999, 8)])
def test_a_time_takes_the_nearest_pause(at, word):
    assert find_cut_at_sample(line(SAID), at).word == word


def test_without_word_times_the_time_holds_and_the_text_is_cut_in_proportion():
    cut = find_cut_at_sample(line(SAID, words=()), 120_000)
    assert (cut.end, cut.start, cut.word) == (120_000, 120_000, 0)
    assert parts(SAID, cut) == ("Where were you last night?", "I waited for hours.")


def test_a_word_and_a_character_name_the_same_cut():
    assert find_cut_at_word(line(SAID), 5) == find_cut_at_character(line(SAID), 27)
    # Inside a word: its nearer end.
    assert find_cut_at_character(line(SAID), 24).character == 27
    assert find_cut_at_word(line(SAID, words=()), 5).character == 27


def test_a_corrected_text_still_finds_its_sound():
    """ "last night" was heard as "lass knight", and the person also wrote a word that was not heard."""
    heard = ["Where", "were", "you", "lass", "knight?", "I", "waited", "hours."]
    cut = find_cut_at_character(line(SAID, words=heard), 27)
    assert (cut.word, cut.end, cut.start) == (5, 95_000, 100_000)


@pytest.mark.parametrize(
    ("text", "gaps"),
    [
        ("Hello", []),
        ("Hi (door slams) there", ["(door slams) there", "there"]),
        ("(laughs) Hello", []),
        ("你好，世界", ["好，世界", "世界", "界"]),
        ("- Yes! - No.", ["- No.", "No."]),
        ("สวัสดี", ["วัสดี", "สดี", "ดี"]),
    ],
)
def test_each_part_has_something_to_say(text, gaps):
    assert [text[at:] for at in find_gaps(text)] == gaps


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: find_cut_at_sample(line(SAID), 200_000), "not heard there"),
        (lambda: find_cut_at_sample(line(SAID), 0), "not heard there"),
        (lambda: find_cut_at_word(line(SAID), 0), "before word 0"),
        (lambda: find_cut_at_word(line(SAID), 9), "before word 9"),
        (lambda: find_cut_at_character(line(SAID), 99), "no character 99"),
        (lambda: find_cut_at_character(line("Hello"), 2), "one word"),
    ],
)
def test_what_is_no_cut_is_told(make, message):
    with pytest.raises(ScriptError, match=message) as caught:
        make()
    assert caught.value.hint


@pytest.mark.parametrize(
    ("translation", "text", "wanted"),
    [
        (
            "¿Dónde estabas anoche? Esperé horas.",
            ("Where were you last night?", "I waited for hours."),
            ("¿Dónde estabas anoche?", "Esperé horas.", True),
        ),
        # A sentence in two: the comma near the same share.
        ("Si vienes mañana, te espero.", ("If you come tomorrow,", "I will wait."), (
            "Si vienes mañana,", "te espero.", False)),
        # Two sentences became one: the nearest gap.
        ("Ven y espera aquí", ("Go.", "And wait here."), ("Ven", "y espera aquí", False)),
        ("Sí.", ("Yes.", "Of course."), ("Sí.", "", False)),
        ("", ("Yes.", "Of course."), ("", "", False)),
    ],
)  # fmt: skip
def test_a_translation_is_cut_like_its_original(translation, text, wanted):
    assert split_translation(translation, text) == wanted


def test_italics_and_line_breaks_are_cut_with_their_words():
    plain = ("Hello there,", "my friend")
    assert split_markup("<i>Hello there,\nmy friend</i>", plain) == (
        "<i>Hello there,</i>",
        "<i>my friend</i>",
    )
    assert split_markup("<i>Hello there,</i> my friend", plain) == ("<i>Hello there,</i>", "my friend")
    assert split_markup("Hello <i>there</i>, my\nfriend", plain) == ("Hello <i>there</i>,", "my\nfriend")
    assert split_markup("Something else", plain) == ("", "")


def test_texts_are_joined_with_a_space_where_the_language_has_one():
    assert join_texts(["Hello", " there.", "", "You"]) == "Hello there. You"
    assert join_texts(["你好", "世界"]) == "你好世界"


texts = st.lists(st.text("abcÀ你た!. ", min_size=1, max_size=8), min_size=1, max_size=8).map(" ".join)


@given(texts, st.lists(st.text("abc你", min_size=1, max_size=5), max_size=8), st.integers(2, 100_000))
def test_cuts_are_in_order_and_inside(text, words, length):
    said = line(" ".join(text.split()), words, length)
    cuts = find_cuts(said)
    assert [cut.character for cut in cuts] == sorted({cut.character for cut in cuts})
    assert [cut.word for cut in cuts] == sorted(cut.word for cut in cuts)
    for cut in cuts:
        assert said.start < cut.end <= cut.start < said.end
        assert all(any(char.isalnum() for char in part) for part in parts(said.text, cut))
        assert 0 <= cut.word <= len(words)
