from __future__ import annotations

import logging
import pickle
from importlib.metadata import EntryPoint

import pytest

from rythmo import installed_plugins
from rythmo.engines import registry
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing
from rythmo.errors import EngineMissingError, LanguageError, UnknownEngineError, UsageError


def spec(
    name: str, rank: int = 0, *, local: bool = True, missing: str = "", languages: str = "", setting: str = ""
) -> EngineSpec:
    parts = (Missing(missing, f"get {missing}", setting),) if missing else ()
    info = EngineInfo(Kind.VOICE, name, "1", "", "", frozenset(languages.split()), local=local, rank=rank)
    return EngineSpec(info, lambda settings: (name, settings), lambda: parts)


class Entry:
    def __init__(self, found: object) -> None:
        self.found, self.name, self.dist = found, "voice.x", "some-package"

    def load(self) -> object:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch):
    def install(*found: object) -> None:
        monkeypatch.setattr(installed_plugins, "entry_points", lambda group: [Entry(one) for one in found])
        registry.installed.cache_clear()

    yield install
    monkeypatch.undo()
    registry.installed.cache_clear()


def test_auto_takes_the_best_that_is_ready(engines) -> None:
    engines(spec("draft", 1), spec("model", 50), spec("better", 60, missing="weights"))
    assert registry.choose(Kind.VOICE).info.name == "model"


def test_auto_never_takes_an_engine_that_sends_anything_away(engines) -> None:
    engines(spec("draft", 1), spec("cloud", 99, local=False))
    assert registry.choose(Kind.VOICE).info.name == "draft"
    assert registry.choose(Kind.VOICE, "cloud").info.name == "cloud"
    engines(spec("cloud", 99, local=False), spec("model", 50, missing="weights"))
    with pytest.raises(EngineMissingError, match="No voice engine is ready") as caught:
        registry.choose(Kind.VOICE)
    assert "model: get weights" in caught.value.hint


def test_auto_looks_at_the_language(engines) -> None:
    engines(spec("model", 50, languages="zh en"), spec("draft", 1), spec("other", 40, languages="es"))
    assert registry.choose(Kind.VOICE, language="es").info.name == "other"
    assert registry.choose(Kind.VOICE, language="fr").info.name == "draft"
    engines(spec("model", 50, languages="zh en"))
    with pytest.raises(LanguageError, match="'fr'") as caught:
        registry.choose(Kind.VOICE, language="fr")
    assert "en, zh" in caught.value.hint


def test_a_named_engine_that_cannot_work_is_an_error(engines) -> None:
    engines(spec("draft", 1), spec("model", 50, missing="weights"), spec("zh-only", 5, languages="zh"))
    with pytest.raises(EngineMissingError, match="model needs weights") as missing:
        registry.choose(Kind.VOICE, "model")
    assert "get weights" in missing.value.hint
    with pytest.raises(LanguageError, match="zh-only"):
        registry.choose(Kind.VOICE, "zh-only", language="es")
    with pytest.raises(UnknownEngineError, match="nobody") as unknown:
        registry.choose(Kind.VOICE, "nobody")
    assert "model, zh-only, draft" in unknown.value.hint
    with pytest.raises(EngineMissingError):
        registry.create(registry.find(Kind.VOICE, "model"))
    assert registry.create(registry.find(Kind.VOICE, "draft"), {"a": 1}) == ("draft", {"a": 1})


def test_settings_supply_what_is_missing(engines) -> None:
    engines(spec("draft", 1), spec("model", 50, missing="weights", setting="model"))
    settings = {"model": {"model": "/my/folder"}}
    assert registry.choose(Kind.VOICE).info.name == "draft"
    assert registry.choose(Kind.VOICE, settings=settings).info.name == "model"
    assert registry.choose(Kind.VOICE, "model", settings=settings).info.name == "model"
    assert registry.create(registry.find(Kind.VOICE, "model"), settings["model"])[1] == settings["model"]
    with pytest.raises(EngineMissingError):
        registry.choose(Kind.VOICE, "model", settings={"model": {"device": "cpu"}})


def test_a_broken_package_is_logged_and_does_not_take_the_rest_down(engines, caplog) -> None:
    engines(spec("draft"), ImportError("no such thing"), "not a spec")
    with caplog.at_level(logging.ERROR):
        assert [one.info.name for one in registry.installed()[Kind.VOICE]] == ["draft"]
    assert "cannot be loaded" in caplog.text
    assert "is of type str, not EngineSpec" in caplog.text


def test_every_built_in_engine_is_declared_whole() -> None:
    """What `rythmo engines` shows of each must be there, and be true to its kind."""
    specs = [one for kind in Kind for one in registry.installed()[kind]]
    names = {entry.name for entry in _entries()}
    assert names == {f"{one.info.kind}.{one.info.name}" for one in specs}, "an entry point says KIND.NAME"
    for one in specs:
        info = one.info
        assert info.summary, info.name
        assert info.licence, info.name
        assert info.version, info.name
        assert info.local == (info.sends == "nothing leaves this machine"), info.name
        assert pickle.loads(pickle.dumps(one)) == one
        for part in one.missing():
            assert part.what, info.name
            assert part.command, info.name


def _entries() -> tuple[EntryPoint, ...]:
    return tuple(installed_plugins.entry_points(group=registry.GROUP))


def test_every_engine_knows_its_settings():
    """`--set kokoro.foo=1` is a mistake, with every engine of ours."""
    for kind, specs in registry.installed().items():
        for spec in specs:
            if not spec.create.__module__.startswith("rythmo.engines.adapters"):
                continue
            with pytest.raises(UsageError, match="has no setting 'foo'"):
                registry.check_options({f"{kind}.{spec.info.name}": {"foo": 1}})
            for name in spec.options or ():
                registry.check_options({f"{kind}.{spec.info.name}": {name: 1}})
