"""Words of a recogniser, held against the speech that is there."""

from hypothesis import given
from hypothesis import strategies as st

from rythmo.engines.base import Turn
from rythmo.script.model import Word
from rythmo.stages.heard_words import clean_words
from rythmo.timebase import SAMPLE_RATE


def at(seconds):
    return round(seconds * SAMPLE_RATE)


def said(text, start, end):
    words = text.split()
    step = (end - start) / len(words)
    return [Word(w, at(start + n * step), at(start + (n + 1) * step)) for n, w in enumerate(words)]


def turn(start, end):
    return Turn(at(start), at(end), "S1")


def text(words):
    return " ".join(word.text for word in words)


SPEECH = [turn(61.06, 63.6), turn(64.54, 67.05)]


def test_sentences_in_silence_are_dropped():
    words = [
        *said("Thank you for watching.", 0, 4),
        *said("Subtitles by the community", 30, 59.9),
        *said("Good morning. The meeting starts.", 61.06, 63.6),
    ]
    found = clean_words(words, SPEECH)
    assert text(found.words) == "Good morning. The meeting starts."
    assert len(found.dropped) == 8


def test_what_a_second_look_finds_is_kept():
    words = said("Barely heard at all", 10, 12)
    assert clean_words(words, SPEECH, [(at(9.8), at(12.1))]).words == tuple(words)


def test_without_any_speech_nothing_was_said():
    assert clean_words(said("Thank you.", 1, 2), []).words == ()


def test_a_loop_is_kept_once_over_its_time():
    words = said("Who told you that? " * 13, 64.54, 67.05)
    found = clean_words(words, SPEECH)
    assert text(found.words) == "Who told you that?"
    assert found.words[0].start == at(64.54) and abs(found.words[-1].end - at(67.05)) < 48
    assert len(found.looped) == 48


def test_what_people_do_repeat_is_kept():
    for words in ("No, no, no!", "bye bye", "ha ha ha ha", "very very very good", "come on come on"):
        found = clean_words(said(words, 64.6, 66.6), SPEECH)
        assert text(found.words) == words


def test_words_that_share_one_moment_are_spread():
    first = said("Who told you that? Nobody said", 64.54, 66.2)
    tail = [Word(word, at(66.2), at(66.2) + 1) for word in ("a", "word", "to", "me.")]
    found = clean_words([*first, *tail], SPEECH).words
    assert text(found) == "Who told you that? Nobody said a word to me."
    starts = [word.start for word in found]
    assert starts == sorted(set(starts)) and found[-1].end <= at(67.05)
    assert all(word.end - word.start > at(0.02) for word in found)


def test_words_that_share_the_last_moment_of_the_speech_get_room():
    first = said("Who told you that? Nobody said", 64.54, 67.0)
    tail = [Word(word, at(67.04), at(67.05)) for word in ("a", "word", "to", "me.")]
    found = clean_words([*first, *tail], SPEECH).words
    assert len(found) == 10 and len({word.start for word in found}) == 10


def test_a_first_word_before_the_pause_moves_to_the_speech():
    early = [Word("Who", at(62.9), at(63.1)), *said("told you that?", 64.8, 66)]
    found = clean_words(early, [turn(64.54, 67.05)])
    assert text(found.words) == "Who told you that?"
    assert found.words[0].start == at(64.54) and found.moved == 1


def test_a_word_that_reaches_back_over_silence_begins_with_the_speech():
    found = clean_words([Word("Who", at(62.0), at(64.9))], [turn(64.54, 67.05)])
    assert found.words[0].start == at(64.54)


@given(
    st.lists(
        st.tuples(st.integers(0, 400_000), st.integers(0, 90_000), st.sampled_from(["a", "b", "c", "d."]))
    ),
    st.lists(st.tuples(st.integers(0, 400_000), st.integers(1, 90_000)), max_size=5),
)
def test_no_word_is_lost_without_a_word(words, turns):
    """Each word is kept, dropped or looped; those kept have a length and are in order."""
    given_words = [Word(text, start, start + length) for start, length, text in words]
    found = clean_words(given_words, [Turn(start, start + length, "S1") for start, length in turns])
    every = [*found.words, *found.dropped, *found.looped]
    assert sorted(word.text for word in every) == sorted(word.text for word in given_words)
    assert all(word.end > word.start for word in found.words)
