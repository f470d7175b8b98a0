"""Apertium itself: lines stay lines, the glossary holds, routes and errors are right."""

from __future__ import annotations

import os
import pickle
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rythmo.engines.adapters.apertium import translator as module
from rythmo.engines.adapters.apertium.translator import ENGINE, Apertium
from rythmo.engines.base import TranslationLine, TranslationRequest
from rythmo.errors import CancelledError, EngineFailedError, EngineMissingError, LanguageError
from rythmo.progress import CancelToken

needs_apertium = pytest.mark.skipif(shutil.which("apertium") is None, reason="Apertium is not installed")
LINES = ("Where is the house?", "The house is red.", "My name is John.", "Thank you, doctor.")


@pytest.fixture(scope="module")
def engine() -> Iterator[Apertium]:
    made = ENGINE.create({})
    yield made
    made.close()


def ask(*texts: str, source: str = "en", target: str = "es", **more: object) -> TranslationRequest:
    lines = tuple(TranslationLine(f"S1_{n:04}", "S1", text) for n, text in enumerate(texts, 1))
    return TranslationRequest(lines, source, target, **more)  # type: ignore[arg-type] # forwarded as they are


@needs_apertium
@pytest.mark.parametrize(
    ("target", "word"),
    [("es", "casa"), ("ca", "casa"), ("gl", "casa"), ("eo", "domo"), ("fr", "maison"), ("pt", "casa"),
     ("it", "casa"), ("ro", "cas"), ("es-419", "casa"), ("pt-br", "casa")],
)  # fmt: skip
def test_every_declared_target_is_reached_from_english(engine: Apertium, target: str, word: str) -> None:
    found = engine.translate(ask(*LINES, target=target))
    assert len(found) == len(LINES)
    assert word in found[0].lower() and word in found[1].lower()
    assert "John" in found[2]
    assert found[0].endswith("?") and found[1].endswith(".")
    assert not set("*@#") & set("".join(found))


@needs_apertium
def test_other_sources(engine: Apertium) -> None:
    assert engine.translate(ask("La casa es roja.", source="es", target="en")) == ("The house is red.",)
    assert {("es", "fr"), ("fr", "en"), ("it", "es")} <= engine.pairs()


@needs_apertium
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=40), min_size=1, max_size=12))
def test_lines_are_never_merged_lost_or_reordered(engine: Apertium, texts: list[str]) -> None:
    numbered = [f"{text} {n}" for n, text in enumerate(texts, 700)]
    found = engine.translate(ask(*numbered))
    assert len(found) == len(texts)
    assert all(line.endswith(str(n)) for n, line in enumerate(found, 700))


@needs_apertium
def test_special_characters_survive(engine: Apertium) -> None:
    special = "a [b] {c} ^d$ e/f \\g <h> @i *j ~k #l +m =n _o"
    (found,) = engine.translate(ask(special))
    assert [c for c in found if not c.isalpha()] == [c for c in special if not c.isalpha()]


@needs_apertium
@pytest.mark.parametrize("text", ["", "...", "😀", "[]", "\\"])
def test_what_has_no_words_is_left_as_it_is(engine: Apertium, text: str) -> None:
    assert engine.translate(ask("Hello.", text, "Hello."))[1] == text


@needs_apertium
def test_line_breaks_become_spaces(engine: Apertium) -> None:
    assert engine.translate(ask("The red\nhouse")) == ("La casa roja",)


@needs_apertium
@pytest.mark.parametrize("target", ["es", "fr", "ro"])
def test_the_glossary_holds(engine: Apertium, target: str) -> None:
    glossary = {"warp core": "Núcleo-X", "captain": "Kommandant"}
    found = engine.translate(
        ask("The Captain sees the warp core.", "Warp core!", target=target, glossary=glossary)
    )
    assert "Núcleo-X" in found[0] and "Kommandant" in found[0]
    assert found[1] in {"Núcleo-X!", "¡Núcleo-X!"}


@needs_apertium
def test_a_glossary_term_that_a_rule_eats_is_put_back(
    engine: Apertium, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = engine._run
    answers = iter(["la casa de.[][\n]"])

    def lossy(arguments: list[str], text: str, **more: object) -> str:
        return next(answers, None) or run(arguments, text, **more)  # type: ignore[arg-type] # as it came

    monkeypatch.setattr(engine, "_run", lossy)
    assert engine.translate(ask("the house of Foo", glossary={"Foo": "Bar"})) == ("la casa de Bar",)


@needs_apertium
def test_names_pass_the_pivot(engine: Apertium) -> None:
    assert "New Jersey" in engine.translate(ask("The house is in New Jersey.", target="fr"))[0]


@needs_apertium
def test_the_same_request_gives_the_same_answer(engine: Apertium) -> None:
    assert engine.translate(ask(*LINES, target="it")) == engine.translate(ask(*LINES, target="it"))


@needs_apertium
def test_a_language_it_cannot_reach(engine: Apertium) -> None:
    with pytest.raises(LanguageError) as caught:
        engine.translate(ask("Hi", target="ja"))
    assert "es" in caught.value.hint
    assert pickle.loads(pickle.dumps(caught.value)).hint == caught.value.hint


@needs_apertium
def test_a_missing_pair_names_its_package(engine: Apertium, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engine.__dict__, "hops", module.parse_modes(["eng-spa"]))
    with pytest.raises(EngineMissingError) as caught:
        engine.translate(ask("Hi", target="fr"))
    assert caught.value.hint == "sudo apt-get install apertium-fr-es"


def test_without_the_program_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    (missing,) = ENGINE.missing()
    assert missing.command.startswith("sudo apt-get install apertium apertium-eng-spa ")
    with pytest.raises(EngineMissingError):
        ENGINE.create({})


@needs_apertium
def test_a_stopped_request_stops(engine: Apertium) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        engine.translate(ask("Hi"), cancel=token)


def program(folder: Path, body: str) -> Apertium:
    script = folder / "apertium"
    script.write_text(f"#!{sys.executable}\nimport os, sys, time\n{body}", "utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return Apertium({"program": str(script)})


LISTS = "if '-l' in sys.argv: print('eng-spa'); sys.exit()\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a script with #! is run")
@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("print('broken pair', file=sys.stderr); sys.exit(1)", "broken pair"),
        ("sys.stdout.write('one line only')", "split or merged the line"),
        ("time.sleep(1000)", "no answer within"),
    ],
)
def test_a_program_that_fails_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, message: str
) -> None:
    monkeypatch.setattr(module, "_TICK_SECONDS", 0.05)
    broken = program(tmp_path, LISTS + body)
    assert broken.pairs() == {("en", "es")}
    monkeypatch.setattr(module, "_START_SECONDS", 0.3)
    monkeypatch.setattr(module, "_LINE_SECONDS", 0.0)
    if "sleep" not in body:
        monkeypatch.setattr(module, "_START_SECONDS", 20.0)
    with pytest.raises(EngineFailedError, match=message):
        broken.translate(ask("Hi"))
    broken.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a script with #! is run")
def test_secrets_stay_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    spy = program(
        tmp_path, f"open({os.fspath(tmp_path / 'env')!r}, 'w').write(repr(dict(os.environ)))\n" + LISTS
    )
    spy.pairs()
    spy.close()
    seen = (tmp_path / "env").read_text()
    assert "sk-secret" not in seen and "C.UTF-8" in seen
