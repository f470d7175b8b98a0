"""The contract of every translator: run over each built-in one (see tests/support/engine_cases.py)."""

from __future__ import annotations

import pickle

import pytest
from engine_cases import CASES, SPANISH, built_in
from plain_values import assert_plain

from rythmo.engines.base import Kind, TranslationLine, TranslationRequest
from rythmo.errors import CancelledError
from rythmo.progress import CancelToken

pytestmark = pytest.mark.filterwarnings("ignore")  # model libraries warn of much that is not ours to mend


RANDOM = {"argos"}
"""Engines that run with random weights here: their words mean nothing."""


def right(translator, text: str) -> bool:
    """Whether that is a translation of "Where is the other one?"."""
    return bool(text.strip()) and ("otro" in text or translator.info.name in RANDOM)


@pytest.fixture(params=sorted(CASES[Kind.TRANSLATOR]))
def translator(request):
    engine = CASES[Kind.TRANSLATOR][request.param](request)
    yield engine
    engine.close()


def test_every_built_in_translator_is_held_to_the_contract() -> None:
    assert {spec.info.name for spec in built_in(Kind.TRANSLATOR)} == set(CASES[Kind.TRANSLATOR])


def test_it_says_what_it_is(translator) -> None:
    info = translator.info
    assert info.kind is Kind.TRANSLATOR
    assert info.version
    assert pickle.loads(pickle.dumps(info)) == info
    assert_plain(info)


LINES = tuple(TranslationLine(f"S1_{n:04}", "S1", text) for n, text in enumerate(SPANISH))


def request(*lines: TranslationLine, **more) -> TranslationRequest:
    return TranslationRequest(lines=lines, source="en", target="es", **more)


def test_each_line_has_one_translation_in_order(translator) -> None:
    found = translator.translate(request(*LINES))
    assert_plain(found)
    assert_plain(translator.pairs())
    assert isinstance(found, tuple)
    assert len(found) == len(LINES)
    assert all(isinstance(text, str) and text.strip() == text and text for text in found)
    assert right(translator, found[1])
    backwards = translator.translate(request(*reversed(LINES)))
    assert right(translator, backwards[1])
    if translator.info.deterministic:
        assert backwards == tuple(reversed(found)), "each line has its own, whatever stands around it"
    assert pickle.loads(pickle.dumps(found)) == found


def test_context_budget_and_glossary_are_taken(translator) -> None:
    lines = (TranslationLine("a", "S1", LINES[1].text, budget=6),)
    (found,) = translator.translate(
        request(*lines, before=LINES[:1], after=LINES[2:], glossary={"Winterfell": "Invernalia"}, strict=True)
    )
    assert right(translator, found)


def test_nothing_and_blank_lines(translator) -> None:
    assert translator.translate(request()) == ()
    blank = TranslationLine("b", "S1", "   ")
    one, two = translator.translate(request(blank, LINES[1]))
    assert one.strip() == ""
    assert right(translator, two)


def test_pairs_are_languages_or_any(translator) -> None:
    pairs = translator.pairs()
    assert not pairs or ("en", "es") in pairs


def test_it_is_deterministic_where_it_says_so(translator) -> None:
    if not translator.info.deterministic:
        pytest.skip(f"{translator.info.name} does not promise the same words twice")
    assert translator.translate(request(*LINES)) == translator.translate(request(*LINES))


def test_a_cancel_is_heard(translator) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        translator.translate(request(*LINES), cancel=cancel)
