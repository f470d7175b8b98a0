"""Argos Translate against a stand-in for its module: its own models are hundreds of megabytes."""

from __future__ import annotations

import json
import sys
from enum import Enum
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace

import pytest

from rythmo.engines import argos
from rythmo.engines.base import TranslationLine, TranslationRequest
from rythmo.errors import EngineFailedError, LanguageError


@pytest.fixture
def library(monkeypatch, tmp_path):
    """The parts of argostranslate 1.11 that are used, with its quirk for unknown languages."""
    provider = Enum("ModelProvider", "OPENNMT LIBRETRANSLATE")
    settings = SimpleNamespace(ModelProvider=provider, model_provider=provider.OPENNMT)
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
    assert "a package of languages" in [part.what for part in argos.ENGINE.missing()]


def test_ways_through_other_languages() -> None:
    assert argos.reachable([("a", "b"), ("b", "c"), ("c", "a")]) == {
        (one, two) for one in "abc" for two in "abc" if one != two
    }
    assert argos.reachable([]) == frozenset()
