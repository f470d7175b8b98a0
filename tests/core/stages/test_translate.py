"""What the translator is told: how much time there is, which terms; and what is checked afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from rythmo.engines import fakes
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, TranslationRequest
from rythmo.engines.pool import EnginePool
from rythmo.errors import EngineFailedError, UselessAnswerError
from rythmo.progress import NEVER
from rythmo.project.workspace import Project
from rythmo.script.model import Line, Programme, Script, Speaker
from rythmo.script.takes import VoiceRef
from rythmo.settings import Settings, TranslateSettings
from rythmo.stages import translate, translate_and_voice
from rythmo.stages.context import Context

RATE = 48_000


@dataclass
class Listener:
    """A translator that remembers what it was asked; it answers from a table, or with the same words."""

    answers: dict[str, str] = field(default_factory=dict)
    asked: list[TranslationRequest] = field(default_factory=list)
    info: Any = None

    def pairs(self):
        return frozenset()

    def translate(self, request, *, cancel=NEVER):
        self.asked.append(request)
        return tuple(self.answers.get(line.id, line.text) for line in request.lines)

    def close(self):
        pass


def script(*lines: tuple[float, float, str]) -> Script:
    made = tuple(
        Line(f"S1_{n:04}", "S1", round(start * RATE), round(end * RATE), text)
        for n, (start, end, text) in enumerate(lines, 1)
    )
    return Script(Programme("f", "f.wav", 60 * RATE, RATE, 1), "en", "es", (Speaker("S1", "Anna"),), made)


def translated(tmp_path, source: Script, engine: Listener, settings=None, can=("budget", "glossary")):
    info = EngineInfo(Kind.TRANSLATOR, "listener", "1", "", "", capabilities=frozenset(can))
    engine.info = info
    settings = Settings(translate=settings or TranslateSettings())
    given = {**fakes.specs(), Kind.TRANSLATOR: EngineSpec(info, lambda _: engine)}
    with EnginePool(given=given) as pool:
        context = Context(Project(tmp_path / "f.rythmo"), pool, settings, lambda _: None, NEVER)
        places = translate_and_voice.places_of(source, context)
        spans = translate.windows(source.lines, settings.translate.window)
        return [line for span in spans for line in translate.run(source, span, places, context)]


def test_each_line_is_told_how_many_words_it_has_time_for(tmp_path):
    engine = Listener()
    # 2 s with silence after: 2.5 s of Spanish at 3 words a second, 85 % filled; 2 s without; half a second.
    translated(tmp_path, script((0, 2, "a"), (10, 12, "b"), (12, 14, "c"), (20, 20.3, "d")), engine)
    assert [line.budget for line in engine.asked[0].lines] == [6, 5, 6, 2]


def test_an_engine_without_budgets_is_told_none(tmp_path):
    engine = Listener()
    translated(tmp_path, script((0, 2, "a")), engine, can=())
    assert engine.asked[0].lines[0].budget is None


def test_only_the_terms_that_are_said_go_with_a_window(tmp_path):
    engine = Listener()
    terms = TranslateSettings(window=1, glossary={"Rythmo": "Rythmo", "band": "banda"})
    translated(tmp_path, script((0, 1, "Rythmo"), (2, 3, "the band"), (4, 5, "no")), engine, terms)
    assert [dict(one.glossary) for one in engine.asked] == [{"Rythmo": "Rythmo"}, {"band": "banda"}, {}]


@pytest.mark.parametrize("can", [(), ("glossary",)])
def test_a_term_that_was_not_kept_is_flagged_whoever_translated(tmp_path, can):
    engine = Listener({"S1_0001": "la orquesta", "S1_0002": "la banda"})
    terms = TranslateSettings(glossary={"band": "banda"})
    lines = translated(tmp_path, script((0, 1, "the band"), (2, 3, "the band")), engine, terms, can)
    assert [[flag.code for flag in line.flags] for line in lines] == [["glossary"], []]
    assert "banda" in lines[0].flags[0].message


def test_what_a_person_wrote_is_not_held_to_the_glossary(tmp_path):
    source = script((0, 1, "the band"))
    source = source.map_lines(lambda line: replace(line, translation="la orquesta", edited=("translation",)))
    (line,) = translated(tmp_path, source, Listener(), TranslateSettings(glossary={"band": "banda"}))
    assert line.flags == ()


def test_another_glossary_asks_again_only_where_it_concerns(tmp_path):
    source = script((0, 1, "the band"), (2, 3, "no"))
    engine = Listener()
    translated(tmp_path, source, engine, TranslateSettings(window=1))
    translated(tmp_path, source, engine, TranslateSettings(window=1, glossary={"band": "banda"}))
    assert [one.lines[0].text for one in engine.asked] == ["the band", "no", "the band"]


@dataclass
class Picky(Listener):
    """A translator that makes nothing of some lines, and of a window of nothing else it says so."""

    refused: frozenset[str] = frozenset()

    def translate(self, request, *, cancel=NEVER):
        answer = super().translate(request)
        texts = tuple("" if line.id in self.refused else text
                      for line, text in zip(request.lines, answer, strict=True))  # fmt: skip
        if not any(texts):
            raise UselessAnswerError("Nothing usable.", hint="Try another.")
        return texts


THREE = ((0, 1, "a"), (2, 3, "b"), (4, 5, "c"))


@pytest.mark.parametrize("window", [5, 1])
def test_a_line_that_nothing_was_made_of_is_flagged_and_asked_again_alone(tmp_path, window):
    settings = TranslateSettings(window=window)
    engine = Picky(refused=frozenset({"S1_0002"}))
    lines = translated(tmp_path, script(*THREE), engine, settings)
    assert [line.translation for line in lines] == ["a", "", "c"]
    assert [[flag.code for flag in line.flags] for line in lines] == [[], ["no-translation"], []]
    engine.asked.clear()
    assert translated(tmp_path, script(*THREE), engine, settings)[1].translation == "", "still refused"
    assert [[line.id for line in one.lines] for one in engine.asked] == [["S1_0002"]]
    engine.refused = frozenset()
    assert translated(tmp_path, script(*THREE), engine, settings)[1].translation == "b"
    engine.asked.clear()
    assert translated(tmp_path, script(*THREE), engine, settings)[1].translation == "b"
    assert engine.asked == [], "what was answered is not asked twice"


def test_a_film_of_which_nothing_can_be_translated_is_no_dub(tmp_path):
    engine = Picky(refused=frozenset({"S1_0001", "S1_0002", "S1_0003"}))
    info = EngineInfo(Kind.TRANSLATOR, "picky", "1", "", "")
    engine.info = info
    given = {**fakes.specs(), Kind.TRANSLATOR: EngineSpec(info, lambda _: engine)}
    source = replace(
        script(*THREE), speakers=(Speaker("S1", "Anna", VoiceRef("toy-voice", "v", {"hz": 150})),)
    )
    with EnginePool(given=given) as pool:
        context = Context(Project(tmp_path / "f.rythmo"), pool, Settings(), lambda _: None, NEVER)
        with pytest.raises(EngineFailedError, match=r"None of the \d+ lines could be translated"):
            translate_and_voice.run(source, context)
        engine.refused = frozenset({"S1_0002"})
        done = translate_and_voice.run(source, context)
    assert [bool(line.chosen) for line in done.lines] == [True, False, True]


def test_a_wording_that_could_not_be_had_costs_no_line_its_take(tmp_path):
    class Stubborn(Listener):
        def translate(self, request, *, cancel=NEVER):
            if len(self.asked) >= 1:
                raise UselessAnswerError("No shorter way.", hint="None.")
            return super().translate(request)

    engine = Stubborn()
    engine.info = info = EngineInfo(Kind.TRANSLATOR, "s", "1", "", "", capabilities=frozenset({"budget"}))
    given = {**fakes.specs(), Kind.TRANSLATOR: EngineSpec(info, lambda _: engine)}
    long = "words " * 20
    source = replace(
        script((0, 1, long), (1.1, 2, long)),
        speakers=(Speaker("S1", "Anna", VoiceRef("toy-voice", "v", {"hz": 150})),),
    )
    with EnginePool(given=given) as pool:
        context = Context(Project(tmp_path / "f.rythmo"), pool, Settings(), lambda _: None, NEVER)
        done = translate_and_voice.run(source, context)
    assert all(line.chosen for line in done.lines)
    assert all("voice-failed" not in {flag.code for flag in line.flags} for line in done.lines)
