from __future__ import annotations

import importlib
import pickle
import sys
from types import ModuleType, SimpleNamespace

import pytest

from rythmo.engines.remote import keys
from rythmo.errors import EngineMissingError

NAME = "RYTHMO_TEST_KEY"


def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, " abc ")
    monkeypatch.setattr(keys, "_from_keyring", lambda _: "other")
    assert keys.require_key(NAME, "It").reveal() == "abc"
    assert keys.missing_key(NAME, "It") == ()


def test_a_missing_key_says_how_to_give_it() -> None:
    with pytest.raises(EngineMissingError, match="It needs a key of It") as caught:
        keys.require_key(NAME, "It")
    assert f"export {NAME}" in caught.value.hint
    assert f"keyring set rythmo {NAME}" in caught.value.hint


def test_a_key_does_not_show_itself() -> None:
    key = keys.Key("very-secret-value")
    assert "secret" not in f"{key} {key!r} {SimpleNamespace(key=key)}"
    with pytest.raises(TypeError):
        pickle.dumps(key)


@pytest.mark.parametrize(
    "text",
    [
        "sk-proj-abcdefghijklmnop",
        "Incorrect API key provided: sk-abcd********wxyz.",
        "AIzaSyA1234567890abcdef",
    ],
)
def test_what_looks_like_a_key_is_taken_out(text: str) -> None:
    hidden = keys.redact(text)
    assert "[key]" in hidden
    assert not any(part in hidden for part in ("abcd", "wxyz", "1234"))


def test_ordinary_words_stay() -> None:
    text = "The task-oriented key of the sketch is skyscraping."
    assert keys.redact(text) == text


def test_the_keyring_is_asked_and_a_locked_one_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class KeyringError(Exception):
        pass

    asked: list[tuple[str, str]] = []

    def get_password(service: str, name: str) -> str | None:
        asked.append((service, name))
        if name == "LOCKED":
            raise KeyringError
        return "from the ring"

    fake, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    fake.get_password, fake.errors, errors.KeyringError = get_password, errors, KeyringError  # type: ignore[attr-defined]
    fake.__spec__ = importlib.machinery.ModuleSpec("keyring", None)
    monkeypatch.setitem(sys.modules, "keyring", fake)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    fresh = importlib.util.module_from_spec(importlib.util.find_spec("rythmo.engines.remote.keys"))
    fresh.__spec__.loader.exec_module(fresh)
    assert fresh.find_key(NAME).reveal() == "from the ring"
    assert fresh.find_key("LOCKED") is None
    assert asked == [("rythmo", NAME), ("rythmo", "LOCKED")]


def test_packages_are_looked_for_without_importing_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "json.tool", raising=False)
    assert keys.missing_package("json.tool", "x") == ()
    assert "json.tool" not in sys.modules
    (missing,) = keys.missing_package("no_such_parent.child", "extra")
    assert missing.command == "pip install 'rythmo[extra]'"
