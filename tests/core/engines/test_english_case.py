"""Capitals, full stops and question marks for bare words."""

from __future__ import annotations

import pytest

from rythmo.engines.adapters.pocketsphinx.english_case import is_question, sentences
from rythmo.script.model import Word


def _spoken(text: str, *, pauses: dict[int, float] | None = None) -> list[Word]:
    """Words of 0.2 s at a rate of 100; `pauses`: seconds of silence before the word of that number."""
    words, position = [], 0
    for number, word in enumerate(text.split()):
        position += round((pauses or {}).get(number, 0) * 100)
        words.append(Word(word, position, position + 20, 0.5))
        position += 20
    return words


def _text(words: list[Word]) -> str:
    return " ".join(word.text for word in sentences(words, 100))


@pytest.mark.parametrize(
    ("bare", "pauses", "written"),
    [
        ("i think i'm late", {}, "I think I'm late."),
        ("wait what was that", {1: 0.6}, "Wait. What was that?"),
        ("but my watch stopped an hour ago", {3: 0.4}, "But my watch stopped an hour ago."),
        ("it is old it belonged to my father", {3: 0.4}, "It is old. It belonged to my father."),
        ("so what do you have in the bag", {}, "So what do you have in the bag?"),
        ("may i sit here", {}, "May I sit here?"),
        ("have a seat", {}, "Have a seat."),
        ("see you on monday mr. brown", {}, "See you on Monday Mr brown."),
        ("why", {}, "Why?"),
    ],
)  # fmt: skip
def test_sentences_are_written(bare: str, pauses: dict[int, float], written: str) -> None:
    assert _text(_spoken(bare, pauses=pauses)) == written


@pytest.mark.parametrize("text", ["what time is it", "how many are there", "don't you know", "who's there"])
def test_questions(text: str) -> None:
    assert is_question(text.split())


@pytest.mark.parametrize("text", ["what i am saying", "when i was young", "is", "do not go", ""])
def test_statements(text: str) -> None:
    assert not is_question(text.split())


def test_only_the_text_changes() -> None:
    words = _spoken("hello there")
    found = sentences(words, 100)
    assert [(w.start, w.end, w.confidence) for w in found] == [(w.start, w.end, w.confidence) for w in words]
    assert sentences([], 100) == []
