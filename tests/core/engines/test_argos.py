"""Argos Translate: the real library with random weights where it is installed, and against a stand-in for its
module elsewhere."""

from __future__ import annotations

import json
import sys
from enum import Enum
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace

import pytest

from rythmo.engines.adapters import argos
from rythmo.engines.base import TranslationLine, TranslationRequest
from rythmo.errors import EngineFailedError, LanguageError


@pytest.fixture
def library(monkeypatch, tmp_path):
    """The parts of argostranslate 1.11 that are used, with its quirk for unknown languages."""
    provider = Enum("ModelProvider", "OPENNMT LIBRETRANSLATE")
    settings = SimpleNamespace(ModelProvider=provider, model_provider=provider.OPENNMT, package_dirs=[])
    known = {"en": {"es": lambda text: f" {text.upper()} "}, "es": {}}

    def get(source: str, target: str):
        found = known.get(source)
        if found is None:
            raise AttributeError("'NoneType' object has no attribute 'get_translation'")
        return SimpleNamespace(translate=found[target]) if target in found else None

    module = ModuleType("argostranslate")
    module.settings, module.translate = settings, SimpleNamespace(get_translation_from_codes=get)  # type: ignore[attr-defined]
    module.__spec__ = ModuleSpec("argostranslate", None)
    monkeypatch.setitem(sys.modules, "argostranslate", module)
    monkeypatch.setattr(argos, "version", lambda _: "1.11.0")
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path))
    for source, target in (("en", "es"), ("es", "ca")):
        (tmp_path / f"{source}_{target}").mkdir()
        (tmp_path / f"{source}_{target}" / "metadata.json").write_text(
            json.dumps({"from_code": source, "to_code": target})
        )
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "metadata.json").write_text("{")
    return settings


def request(source: str = "en", target: str = "es", *texts: str) -> TranslationRequest:
    return TranslationRequest(
        tuple(TranslationLine(str(n), "S1", text) for n, text in enumerate(texts)), source, target
    )


def test_packages_that_rythmo_fetched_are_used(library, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("RYTHMO_MODELS", str(tmp_path / "models"))
    package = tmp_path / "models" / "argos-es-pt" / "translate-es_pt-1_0"
    package.mkdir(parents=True)
    (package / "metadata.json").write_text(json.dumps({"from_code": "es", "to_code": "pt"}))
    engine = argos.create({})
    assert ("es", "pt") in engine.pairs()
    engine.translate(request("en", "es", "Hello."))
    assert package.parent in library.package_dirs


def test_lines_are_translated_one_by_one(library) -> None:
    assert argos.create({}).translate(request("en", "es", "Hello.", "  ", "Come in.")) == (
        "HELLO.",
        "",
        "COME IN.",
    )


def test_pairs_are_those_of_the_packages_and_through_them(library) -> None:
    assert argos.create({}).pairs() == {("en", "es"), ("es", "ca"), ("en", "ca")}
    assert [part.what for part in argos.ENGINE.missing() if "package of" in part.what] == []


def test_pairs_that_are_not_there_are_said(library) -> None:
    for source, target in (("en", "fr"), ("xx", "es")):
        with pytest.raises(LanguageError, match=f"{source} to {target}") as caught:
            argos.create({}).translate(request(source, target, "Hello."))
        assert f"translate-{source}_{target}" in caught.value.hint


def test_a_setup_that_sends_text_away_is_refused(library) -> None:
    library.model_provider = library.ModelProvider.LIBRETRANSLATE
    with pytest.raises(EngineFailedError, match="send text to a server"):
        argos.create({}).translate(request("en", "es", "Hello."))


def test_without_packages_it_is_missing(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path / "none"))
    assert "a language package" in [part.what for part in argos.ENGINE.missing()]


def test_ways_through_other_languages() -> None:
    assert argos.list_reachable_pairs([("a", "b"), ("b", "c"), ("c", "a")]) == {
        (one, two) for one in "abc" for two in "abc" if one != two
    }
    assert argos.list_reachable_pairs([]) == frozenset()


@pytest.fixture
def real(tiny_argos, monkeypatch, tmp_path) -> argos.Argos:
    """The real library, with one package, and nobody to ask for more."""
    from argostranslate import settings, translate

    monkeypatch.setattr(settings, "package_dirs", [tiny_argos])
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tiny_argos))

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("it asks the network")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    monkeypatch.setattr("urllib.request.urlretrieve", refuse)
    translate.get_installed_languages.cache_clear()
    yield argos.create({})
    translate.get_installed_languages.cache_clear()


@pytest.mark.filterwarnings("ignore")
def test_the_real_library_translates_every_sentence_and_asks_nobody(real) -> None:
    texts = ("Come in.", "Where is the other one? The house is near.", "  ")
    found = real.translate(request("en", "es", *texts))
    assert len(found) == 3
    assert found[0] and found[1] and found[2] == ""
    assert found == real.translate(request("en", "es", *texts)), "the same words twice"
    assert real.pairs() == {("en", "es")}
    assert real.info.version
    with pytest.raises(LanguageError, match="en to fr"):
        real.translate(request("en", "fr", "Come in."))


def test_sentences_of_a_line() -> None:
    split = argos._Sentences().split_sentences
    assert split("Come in. Is it 3.5 metres? Yes!") == ["Come in.", "Is it 3.5 metres?", "Yes!"]
    assert split("来了。坐吧！") == ["来了。", "坐吧！"]
    assert split("") == []


def test_every_model_of_a_way_through_another_language_splits_here() -> None:
    one, two = SimpleNamespace(sentencizer=None), SimpleNamespace(sentencizer=None)
    argos._split_here(SimpleNamespace(t1=SimpleNamespace(underlying=one), t2=two))
    assert isinstance(one.sentencizer, argos._Sentences) and isinstance(two.sentencizer, argos._Sentences)
