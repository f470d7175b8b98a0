"""Words and turns to lines; chunks matched and joined."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rythmo.engines.base import Turn
from rythmo.media.scenes import Chunk
from rythmo.script.model import Word
from rythmo.settings import LineSettings
from rythmo.stages import lines as stage
from rythmo.stages import programme_speakers
from rythmo.stages.programme_speakers import Likeness
from rythmo.stages.speakers import ChunkSpeakers

RATE = 1000
SETTINGS = LineSettings()


def said(text, start, step=300, length=250):
    return [Word(word, start + i * step, start + i * step + length) for i, word in enumerate(text.split())]


def build(words, turns):
    return stage.build(words, turns, RATE, SETTINGS)


def test_words_go_to_whoever_speaks():
    words = said("where were you", 0) + said("in the rain", 1200)
    lines = build(words, [Turn(0, 900, "S1"), Turn(1150, 2100, "S2")])
    assert [(line.speaker, line.text) for line in lines] == [("S1", "where were you"), ("S2", "in the rain")]
    assert [line.id for line in lines] == ["S1_0001", "S2_0002"]


def test_a_line_starts_at_its_turns_onset():
    lines = build(said("hello there", 160), [Turn(100, 800, "S1")])
    assert (lines[0].start, lines[0].end) == (100, 800)


def test_a_far_onset_is_not_taken():
    lines = build(said("hello there", 1000), [Turn(100, 1600, "S1")])
    assert lines[0].start == 1000


def test_lines_break_at_pauses_and_sentence_ends():
    words = [*said("I waited.", 0), *said("You came", 800), *said("late", 3500)]
    lines = build(words, [Turn(0, 4000, "S1")])
    assert [line.text for line in lines] == ["I waited.", "You came", "late"]


def test_a_reply_in_between_breaks_a_line():
    words = [*said("well", 0), *said("no", 300), *said("then", 640)]
    turns = [Turn(0, 260, "S1"), Turn(300, 560, "S2"), Turn(630, 900, "S1")]
    assert [line.text for line in build(words, turns)] == ["well", "no", "then"]


def test_long_speech_breaks_at_its_longest_pause():
    words = [*said("a b c d e f g h i j k l m n", 0), *said("o p q r s t u v w x y z", 4600)]
    lines = build(words, [Turn(0, 8400, "S1")])
    assert [line.text[0] for line in lines] == ["a", "o"]


def test_a_torn_fragment_goes_to_what_it_belongs_to():
    words = [
        *said("And so, my fellow Americans,", 0),
        *said("ask not", 2700),
        *said("what your country can do.", 4300),
    ]
    lines = build(words, [Turn(0, 9000, "S1")])
    assert [line.text for line in lines] == [
        "And so, my fellow Americans,",
        "ask not what your country can do.",
    ]


def test_a_fragment_stays_alone_where_somebody_speaks_in_between_or_it_would_be_too_long():
    words = [*said("You", 0), *said("Come in.", 300), *said("said that.", 1000)]
    lines = build(words, [Turn(0, 250, "S1"), Turn(300, 900, "S2"), Turn(1000, 1700, "S1")])
    assert [line.text for line in lines] == ["You", "Come in.", "said that."]
    words = [*said("Ask", 0), *said(" ".join("abcdefghijklmnopqrstuvwxy") + ".", 1200)]
    assert build(words, [Turn(0, 9000, "S1")])[0].text == "Ask"


def test_the_end_of_a_sentence_after_a_pause_belongs_to_it():
    words = [*said("They are not that sort of people,", 0), *said("I guess.", 3000), *said("Why not?", 4000)]
    lines = build(words, [Turn(0, 9000, "S1")])
    assert [line.text for line in lines] == ["They are not that sort of people, I guess.", "Why not?"]


def test_a_word_at_a_seam_goes_to_the_speaker_of_its_sentence():
    words = [*said("Can", 0), *said("you remind me of that? Well.", 300)]
    turns = [Turn(0, 260, "S2"), Turn(290, 2200, "S3")]
    assert {line.speaker for line in build(words, turns)} == {"S3"}


def test_a_word_at_a_seam_goes_to_its_sentence_although_whole_sentences_stand_beside_it():
    words = [*said("Animals are not allowed.", 0), *said("Sir,", 1700), *said("she is all I have.", 2000)]
    turns = [Turn(0, 1950, "S3"), Turn(1990, 3600, "S2")]
    assert [(line.speaker, line.text) for line in build(words, turns)] == [
        ("S3", "Animals are not allowed."),
        ("S2", "Sir, she is all I have."),
    ]
    words = [*said("Can you remind", 0), *said("me? Of course I can.", 900)]
    turns = [Turn(0, 860, "S1"), Turn(900, 2400, "S2")]
    assert [line.text for line in build(words, turns) if line.speaker == "S1"] == ["Can you remind me?"]


def test_a_short_answer_stays_with_its_speaker():
    words = [*said("Did you see it?", 0), *said("Yes.", 1200), *said("So did I", 1500)]
    turns = [Turn(0, 1150, "S1"), Turn(1200, 1450, "S2"), Turn(1500, 2400, "S1")]
    assert [line.speaker for line in build(words, turns)] == ["S1", "S2", "S1"]


def test_a_long_line_breaks_at_its_punctuation_where_no_pause_is_longer():
    text = " ".join(["word"] * 11) + ", " + " ".join(["more"] * 18) + "."
    lines = build(said(text, 0, step=300, length=300), [Turn(0, 9000, "S1")])
    assert lines[0].text.endswith(",") and len(lines) == 2
    # A word alone before a comma is no line.
    text = "Okay, " + " ".join(["more"] * 28) + "."
    lines = build(said(text, 0, step=300, length=300), [Turn(0, 9000, "S1")])
    assert lines[0].text != "Okay,"


def test_words_outside_every_turn_go_to_the_nearest():
    assert stage.speaker_of(Word("x", 500, 600), [Turn(0, 400, "S1"), Turn(900, 999, "S2")]) == "S1"
    assert stage.speaker_of(Word("x", 500, 600), []) == "S1"


words_and_turns = st.tuples(
    st.lists(st.tuples(st.integers(0, 60_000), st.integers(1, 900)), max_size=40),
    st.lists(st.tuples(st.integers(0, 60_000), st.integers(1, 9000), st.sampled_from("ABC")), max_size=10),
)


@given(words_and_turns)
def test_no_word_is_lost_or_doubled(found):
    words = [Word(f"w{i}", start, start + length) for i, (start, length) in enumerate(sorted(found[0]))]
    turns = [Turn(start, start + length, who) for start, length, who in sorted(found[1])]
    lines = build(words, turns)
    assert sorted(word.text for line in lines for word in line.words) == sorted(word.text for word in words)
    assert [line.start for line in lines] == sorted(line.start for line in lines)
    assert all(line.end > line.start for line in lines)
    assert len({line.id for line in lines}) == len(lines)


# Chunks.


def chunk(start, end, turns, **vectors):
    return ChunkSpeakers(Chunk(start, end), tuple(turns), {k: tuple(v) for k, v in vectors.items()})


def unit(*values):
    vector = np.array(values, np.float64)
    return [float(x) for x in vector / np.linalg.norm(vector)]


A, B, C = unit(1, 0, 0.1), unit(0, 1, 0.1), unit(0.1, 0, 1)


def test_one_person_keeps_one_label_over_chunks():
    first = chunk(0, 100, [Turn(0, 40, "x"), Turn(50, 90, "y")], x=A, y=B)
    second = chunk(90, 200, [Turn(100, 140, "p"), Turn(150, 190, "q")], p=B, q=unit(1, 0.1, 0))
    labels = [turn.speaker for turn in programme_speakers.match([first, second], Likeness(0.8, 0.8))]
    assert labels == ["S1", "S2", "S2", "S1"]


def test_a_new_person_in_a_later_chunk_is_new():
    first = chunk(0, 100, [Turn(0, 40, "x")], x=A)
    second = chunk(90, 200, [Turn(100, 140, "x"), Turn(150, 190, "y")], x=C, y=A)
    assert [turn.speaker for turn in programme_speakers.match([first, second], Likeness(0.8, 0.8))] == [
        "S1",
        "S2",
        "S1",
    ]


def test_a_voice_that_one_chunk_split_is_one_beside_the_whole_programme():
    """Its halves are no more alike than 0.68, and each is like what was heard of it elsewhere."""
    whole, left, right = unit(1, 0, 0), unit(1, 0.44, 0), unit(1, -0.44, 0)
    first = chunk(0, 100, [Turn(0, 90, "x")], x=whole)
    second = chunk(90, 200, [Turn(100, 140, "l"), Turn(150, 190, "r")], l=left, r=right)
    assert {turn.speaker for turn in programme_speakers.match([first, second], Likeness(0.8, 0.8))} == {"S1"}
    assert len({turn.speaker for turn in programme_speakers.match([second], Likeness(0.8, 0.8))}) == 2


def test_a_given_count_is_obeyed_over_the_programme():
    parts = [
        chunk(i * 100, i * 100 + 110, [Turn(i * 100 + 10, i * 100 + 60, "x")], x=v)
        for i, v in enumerate((A, B, C))
    ]
    assert len({turn.speaker for turn in programme_speakers.match(parts, Likeness(0.9, 0.9))}) == 3
    assert len({turn.speaker for turn in programme_speakers.match(parts, Likeness(0.9, 0.9), 2)}) == 2


def test_a_turn_over_a_seam_stays_one():
    first = chunk(0, 100, [Turn(60, 100, "x")], x=A)
    second = chunk(80, 200, [Turn(80, 130, "y")], y=A)
    assert programme_speakers.match([first, second], Likeness(0.8, 0.8)) == (Turn(60, 130, "S1"),)
