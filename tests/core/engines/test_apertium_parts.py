"""The pure parts of the Apertium engine: its stream, the routes between languages, the rules for dialogue."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.engines.adapters.apertium import stream
from rythmo.engines.adapters.apertium.dialogue import FORMULAS, correct_from_english, ease_english
from rythmo.engines.adapters.apertium.routes import (
    Hop,
    find_packages,
    find_shortest_route,
    list_reachable_pairs,
    parse_modes,
)

MODES = (
    "eng-spa", "spa-eng", "spa-eng_US", "eng-cat", "eng-cat_valencia", "en-gl", "en-eo", "en-eo-bytecode",
    "es-fr", "eco-es-fr", "es-pt", "es-pt_BR", "spa-ita", "ro-es", "fr-es",
)  # fmt: skip


@given(st.lists(st.text(), max_size=8))
def test_what_goes_into_the_stream_comes_out(texts: list[str]) -> None:
    lines = [stream.tidy_line(text) for text in texts]
    assert stream.decode(stream.encode(lines)) == [(line, frozenset()) for line in lines]


def test_marks_of_unknuser_script_are_read_and_removed() -> None:
    encoded = "El *warp de *O'Brien.[][\n]\\@bien #ser [\\*]a.[][\n]"
    assert stream.decode(encoded) == [
        ("El warp de O'Brien", frozenset({"warp", "O'Brien"})),
        ("bien ser *a", frozenset({"bien", "ser"})),
    ]


@given(
    st.text(), st.dictionaries(st.text(st.characters(categories=["L", "N"]), min_size=1), st.text(max_size=9))
)
def test_protected_terms_come_back(text: str, terms: dict[str, str]) -> None:
    tidy = stream.tidy_line(text)
    hidden, values = stream.protect_terms(tidy, terms)
    restored = stream.restore_tokens(hidden, values)
    assert restored is not None
    assert (
        stream.restore_tokens(stream.protect_terms(tidy, {term: term for term in terms})[0], {}) is None
        or not values
    )


def test_glossary_terms_are_whole_words_longest_first_in_any_case() -> None:
    hidden, values = stream.protect_terms(
        "The Warp core warps; WARP  CORE", {"warp": "w", "warp core": "noyau"}
    )
    assert list(values.values()) == ["noyau", "noyau"]
    assert stream.restore_tokens(hidden, values) == "The noyau warps; noyau"


def test_a_lost_or_doubled_token_is_noticed() -> None:
    hidden, values = stream.protect_terms("one two", {"one": "uno", "two": "dos"})
    assert stream.restore_tokens(hidden, values) == "uno dos"
    assert stream.restore_tokens("uno", values) is None
    assert stream.restore_tokens(f"{hidden} {stream.make_token(0)}", values) is None


def test_names_of_the_source_are_kept_in_the_next_hop() -> None:
    pivot = "La casa de New Jersey es de Kurzweil. Recuerdas"
    found = stream.find_names(pivot, "The house in New Jersey is Kurzweil's. La", frozenset({"Kurzweil"}))
    assert set(found) == {"New", "Jersey", "Kurzweil"}


@pytest.mark.parametrize(
    ("text", "source", "target", "wanted"),
    [
        ("  vas a ser bien , John .", "You will.", "es", "Vas a ser bien, John."),
        ("quién eres?", "Who are you?", "es", "¿Quién eres?"),
        ("hola. quién eres? vete!", "Hi. Who are you? Go!", "es", "Hola. ¿Quién eres? ¡Vete!"),
        ('dijo: "no!"', 'He said: "No!"', "es-419", 'Dijo: "¡no!"'),
        ("qui es-tu?", "Who are you?", "fr", "Qui es-tu?"),
        ("no acabado", "not finished...", "es", "no acabado."),
        ("ya ¿no?", "already, no?", "es", "ya ¿no?"),
    ],
)
def test_polish(text: str, source: str, target: str, wanted: str) -> None:
    assert stream.polish_line(text, source, target) == wanted


def test_modes_become_hops() -> None:
    pairs = {(hop.source, hop.target): hop.mode for hop in parse_modes(MODES)}
    assert pairs["en", "es"] == "eng-spa"
    assert pairs["es", "pt-br"] == "es-pt_BR"
    assert pairs["en", "ca"] == "eng-cat"
    assert all(
        "bytecode" not in mode and "eco" not in mode and "valencia" not in mode for mode in pairs.values()
    )


@pytest.mark.parametrize(
    ("source", "target", "modes"),
    [
        ("en", "es", ["eng-spa"]), ("en", "es-419", ["eng-spa"]), ("en-GB", "es", ["eng-spa"]),
        ("en", "fr", ["eng-spa", "es-fr"]), ("en", "pt-BR", ["eng-spa", "es-pt_BR"]),
        ("fr", "it", ["fr-es", "spa-ita"]), ("es", "fr", ["es-fr"]), ("ro", "en", ["ro-es", "spa-eng"]),
    ],
)  # fmt: skip
def test_routes(source: str, target: str, modes: list[str]) -> None:
    way = find_shortest_route(parse_modes(MODES), source, target)
    assert way is not None
    assert [hop.mode for hop in way] == modes


@given(st.sets(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef"))))
def test_every_reachable_pair_has_a_connected_route(edges: set[tuple[str, str]]) -> None:
    hops = [Hop(a * 2, b * 2, f"{a}-{b}") for a, b in sorted(edges) if a != b]
    for source, target in list_reachable_pairs(hops):
        way = find_shortest_route(hops, source, target)
        assert way is not None and len(way) <= 2
        assert (way[0].source, way[-1].target) == (source, target)
        assert all(one.target == other.source for one, other in itertools.pairwise(way))


def test_the_packages_of_a_missing_pair_are_named() -> None:
    assert find_packages("en", "fr", ()) == ("apertium-eng-spa", "apertium-fr-es")
    assert find_packages("en", "fr", parse_modes(["eng-spa"])) == ("apertium-fr-es",)
    assert find_packages("en", "ja", ()) == ()


@pytest.mark.parametrize(
    ("english", "spanish"),
    [("Please, go.", "por favor"), ("Give me that.", "dame"), ("You're right.", "tienes razón"),
     ("So, let's go.", "vámonos"), ("What is the matter?", "qué pasa")],
)  # fmt: skip
def test_formulas_are_found(english: str, spanish: str) -> None:
    _, values = stream.protect_patterns(english, FORMULAS)
    assert spanish in values.values()


@pytest.mark.parametrize(
    "english", ["You can sit down here.", "They give me hope.", "I waited.", "He pleased me."]
)
def test_what_only_looks_like_a_formula_is_left_alone(english: str) -> None:
    assert stream.protect_patterns(english, FORMULAS) == (english, {})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Hay algo I necesidad", "Hay algo yo necesidad"),
        ("Hemos sido esperando", "Hemos estado esperando"),
        ("Qué eres haciendo", "Qué estás haciendo"),
        ("a vuestro hermano", "a tu hermano"),
        ("No me dijo cualquier cosa", "No me dijo nada"),
        ("Era en en casa", "Era en casa"),
        ("Habla aproximadamente el dinero", "Habla sobre el dinero"),
        ("aproximadamente diez", "aproximadamente diez"),
        ("Es mi hermana.", "Es mi hermana."),
    ],
)
def test_spanish_is_mended(before: str, after: str) -> None:
    assert correct_from_english(before) == after


def test_english_is_made_easier() -> None:
    assert ease_english("something I need to know about it") == "something that I need to know of it"
    assert ease_english("about ten men") == "about ten men"


def test_a_capital_after_a_token_is_taken_back_where_the_source_had_none() -> None:
    one, two = stream.make_token(1024), stream.make_token(1025)
    settled = stream.settle_case(f"{one} Los tonos {two} John", f"{one} the keys {two} John")
    assert settled == f"{one} los tonos {two} John"
