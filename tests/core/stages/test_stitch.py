"""Words of overlapping chunks: each once, whatever the chunks heard at their edges."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from rythmo.media.scenes import Chunk
from rythmo.script.model import Word
from rythmo.stages.stitch import join_words

RATE = 48_000
MS = 48


def chunks_of(seams, overlap, length):
    starts = [0, *seams]
    ends = [*(seam + overlap for seam in seams), length]
    return [Chunk(start, end) for start, end in zip(starts, ends, strict=True)]


def as_heard(chunk, words, shifts):
    """What a recogniser makes of a chunk: each word a little elsewhere, and halves of those that are cut."""
    heard = []
    for number, (text, start, end) in enumerate(words):
        a, b = max(start, chunk.start), min(end, chunk.end)
        if a >= b:
            continue
        early, late = shifts[(2 * number) % len(shifts)], shifts[(2 * number + 1) % len(shifts)]
        whole = (a, b) == (start, end)
        heard.append(Word(text if whole else text[: len(text) // 2], a + early * whole, b + late * whole))
    return heard


spoken = st.lists(
    st.tuples(
        st.sampled_from(["no", "yes", "really", "I", "know", "that", "train"]),
        st.integers(120 * MS, 600 * MS),
        st.sampled_from([0, 0, 0, 40 * MS, 300 * MS, 2000 * MS]),
    ),
    min_size=8,
    max_size=60,
)
shifts = st.lists(st.integers(-30 * MS, 30 * MS), min_size=1, max_size=12)


@given(spoken, st.integers(1, 4), st.lists(shifts, min_size=5, max_size=5), st.integers(1200, 3000))
@example([("no", 120 * MS, 0)] * 60, 1, [[0]] * 4 + [[30 * MS, -30 * MS]], 2000)
def test_every_word_is_there_once_and_in_order(said, seams, jitter, overlap):
    words, clock = [], 0
    for text, length, pause in said:
        words.append((text, clock, clock + length))
        clock += length + pause
    borders = [clock * n // (seams + 1) for n in range(1, seams + 1)]
    borders = [
        b for b, after in zip(borders, [*borders[1:], clock], strict=True) if after - b > 2 * overlap * MS
    ]
    chunks = chunks_of(borders, min(overlap * MS, clock), clock) if borders else [Chunk(0, clock)]
    heard = [as_heard(chunk, words, jitter[n]) for n, chunk in enumerate(chunks)]
    assert [word.text for word in join_words(chunks, heard)] == [text for text, _, _ in words]


def word(text, start_ms, end_ms):
    return Word(text, start_ms * MS, end_ms * MS)


SEAM = [Chunk(0, 11_000 * MS), Chunk(9_000 * MS, 20_000 * MS)]


def texts(before, after):
    return [one.text for one in join_words(SEAM, [before, after])]


def test_what_one_chunk_took_for_two_words_is_not_said_twice():
    gonna = [word("we", 9300, 9500), word("gonna", 9900, 10_300)]
    going = [word("we", 9310, 9500), word("going", 9900, 10_110), word("to", 10_110, 10_300)]
    assert texts(gonna, going) == ["we", "going", "to"]
    assert texts(gonna[1:], going[1:]) == ["going", "to"], "nothing to agree on: whose side it is on has it"


def test_what_only_one_of_them_heard_is_kept():
    assert texts([word("yes", 10_200, 10_500)], []) == ["yes"]
    assert texts([], [word("yes", 9500, 9800)]) == ["yes"]
    assert texts([word("well", 9300, 9600), word("no", 10_200, 10_500)], [word("no", 10_200, 10_500)]) == [
        "well",
        "no",
    ]


def test_half_a_word_at_the_edge_of_a_chunk_is_no_word():
    halved = [word("the", 10_000, 10_300), word("stay", 10_900, 11_000)]
    whole = [word("the", 10_000, 10_300), word("station", 11_050, 11_500)]
    assert texts(halved, whole) == ["the", "station"]


def test_a_word_said_twice_stays_said_twice():
    twice = [word("no", 9700, 9900), word("no", 9900, 10_100), word("no", 10_100, 10_300)]
    late = [Word(one.text, one.start + 40 * MS, one.end + 40 * MS) for one in twice]
    assert texts(twice, late) == ["no"] * 3


def test_two_people_at_once_are_both_heard():
    both = [word("stop", 9900, 10_400), word("never", 9950, 10_350)]
    turned = [word("never", 9940, 10_350), word("stop", 9960, 10_400)]
    assert sorted(texts(both, turned)) == ["never", "stop"]
