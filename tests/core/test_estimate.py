"""What a dub would take: known from a script, heard quickly, or assumed; unknown is said to be unknown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from rythmo.casting import cast_file
from rythmo.casting.cast_file import Cast, Person
from rythmo.casting.face_consent import FaceConsent
from rythmo.cli import main
from rythmo.dubbing.estimate import Amount, assume, clock_seconds, estimate, listen, of_script
from rythmo.dubbing.language_estimate import estimate_language
from rythmo.engines.speech import speech_share as ear
from rythmo.errors import InputError
from rythmo.lips.lip_settings import LipSettings
from rythmo.media.probe import probe
from rythmo.project.workspace import Project
from rythmo.script.model import Line, Programme, Script, Speaker
from rythmo.script.on_screen import OnScreen, Presence
from rythmo.script.takes import Take, VoiceRef
from rythmo.settings import CastSettings, EngineSettings, ExecutionSettings, FaceSettings, Settings

SCENE = Path(__file__).parents[2] / "examples" / "scene.mp4"
AMOUNT = Amount(3600.0, 1800.0, 720, 20_000, 24_000, "script")
PAID = Settings(engines=EngineSettings(translator="openai", voice="elevenlabs", transcriber="openai"))


def stages(found):
    return {str(stage.kind): stage for stage in found.stages}


def test_money_follows_from_the_amount_and_the_table():
    found = stages(estimate(AMOUNT, "en", "es", PAID))
    assert found["voice"].least_amount == Decimal("2.4")
    assert found["voice"].most_amount == 3 * Decimal("2.4"), "each line twice anew"
    assert found["transcriber"].least_amount == Decimal("0.18")
    assert found["translator"].least.requests == 144
    assert Decimal("0.1") < found["translator"].least_amount < Decimal(2)
    assert found["voice"].price_dates


def test_an_engine_without_a_price_is_named_not_taken_for_free():
    found = estimate(AMOUNT, "en", "es", replace(PAID, engines=replace(PAID.engines, voice="azure")))
    assert [stage.info.name for stage in found.unpriced] == ["azure"]
    assert stages(found)["voice"].least_amount is None


def test_lips_are_counted_by_the_frames_of_who_may_be_seen():
    with_lips = replace(PAID, engines=replace(PAID.engines, lipsync="sync"), lips=LipSettings(make=True))
    assert "lipsync" not in stages(estimate(AMOUNT, "en", "es", PAID))
    found = stages(estimate(AMOUNT, "en", "es", with_lips))["lipsync"]
    assert (found.least.requests, found.most.requests) == (0, 720), "there may be nobody on screen"
    assert found.most.units["frames"] == 1800 * 25
    assert (found.least_amount, found.most_amount) == (0, Decimal("90.00"))
    seen = replace(AMOUNT, frame_rate=24.0, seen_lines=10, seen_seconds=20.0)
    found = stages(estimate(seen, "en", "es", with_lips))["lipsync"]
    assert found.least == found.most and found.most.units["frames"] == 480
    assert "lipsync" not in stages(estimate(replace(AMOUNT, frame_rate=0.0), "en", "es", with_lips))


def test_faces_and_mouths_of_this_machine_take_time_and_no_money():
    chosen = Settings(
        engines=EngineSettings(facetracker="mediapipe", lipsync="own-mouths"),
        lips=LipSettings(make=True),
        faces=FaceSettings(find=True),
    )
    found = stages(estimate(AMOUNT, "en", "es", chosen))
    assert (found["facetracker"].seconds, found["facetracker"].most_amount) == (0.7 * 3600, 0)
    assert (found["lipsync"].seconds, found["lipsync"].most_amount) == (2.4 * 1800, 0), "all may be seen"
    seen = replace(AMOUNT, hear=False, seen_lines=10, seen_seconds=20.0)
    found = stages(estimate(seen, "en", "es", chosen))
    assert found["lipsync"].seconds == 2.4 * 20
    assert "facetracker" not in found, "a project's faces are looked for on request"


def test_a_translator_without_budgets_words_nothing_anew():
    found = stages(estimate(AMOUNT, "en", "es", replace(PAID, engines=EngineSettings(translator="apertium"))))
    assert found["translator"].least == found["translator"].most
    assert found["translator"].least_amount == 0


def test_the_clock_counts_workers_chunks_and_what_is_not_shared_out():
    local = EngineSettings("rnnoise", "silero", "auto", "faster-whisper", "apertium", "espeak")
    settings = Settings(engines=local)
    found = estimate(AMOUNT, "en", "es", settings)

    def clock(executor, workers):
        return clock_seconds(found, replace(settings, execution=ExecutionSettings(executor, workers)))

    assert clock("local", 0) is None
    assert clock("ray", 0) is None, "nobody has asked the cluster"
    assert clock("ray", 1) == pytest.approx(found.seconds)
    assert clock("processes", 4) == pytest.approx(
        (found.seconds - found.rest_seconds) / 4 + found.rest_seconds
    )
    spoken = sum(stages(found)[kind].seconds for kind in ("translator", "voice"))
    heard = found.seconds - found.rest_seconds - spoken
    # An hour is twelve chunks: with eight workers two rounds, and with a hundred one.
    assert clock("ray", 8) == pytest.approx(heard / 6 + spoken / 8 + found.rest_seconds)
    assert clock("ray", 100) == pytest.approx(heard / 12 + spoken / 100 + found.rest_seconds)


def test_a_service_has_no_clock():
    found = estimate(AMOUNT, "en", "es", PAID)
    assert clock_seconds(found, replace(PAID, execution=ExecutionSettings("processes", 2))) is None


def test_a_script_is_counted_not_guessed():
    lines = (
        Line("S1_0001", "S1", 0, 96_000, "twelve words", translation="doce palabras"),
        Line("S1_0002", "S1", 96_000, 192_000, "twelve words", translation="doce palabras"),
    )
    script = Script(Programme("f", "f.wav", 480_000, 48_000, 1), "en", "es", (), lines)
    amount = of_script(script)
    assert (amount.speech_seconds, amount.lines, amount.target_characters) == (4.0, 2, 26)
    found = stages(estimate(amount, "en", "es", PAID))
    assert set(found) == {"voice"}, "what was heard is not heard again, what was translated not translated"
    assert found["voice"].least.units["characters"] == 26


def test_only_what_is_not_said_yet_is_counted():
    voice = VoiceRef("espeak", "m3")
    take = Take("t01", "takes/x.wav", 96_000, "doce palabras", "espeak 1.52", voice)
    said = Line("S1_0001", "S1", 0, 96_000, "a", translation="doce palabras", takes=(take,), chosen="t01")
    silent = Line("S1_0002", "S1", 96_000, 192_000, "b", translation="", edited=("translation",))
    new_words = replace(said, id="S1_0003", translation="otras palabras")
    script = Script(Programme("f", "f.wav", 480_000, 48_000, 1), "en", "es", (), (said, silent, new_words))
    amount = of_script(script, "espeak")
    assert (amount.voice_lines, amount.voice_seconds, amount.target_characters) == (1, 2.0, 14)
    assert amount.translate is False, "a line that a person left silent needs no translation"
    assert of_script(script, "elevenlabs").voice_lines == 2, "another engine has said nothing yet"
    done = replace(script, lines=(said, silent))
    assert estimate(of_script(done, "espeak"), "en", "es", Settings()).stages == ()


def test_a_further_language_counts_the_lips_of_those_who_consented_to_it(tmp_path, capsys):
    leave = FaceConsent("Anna E.", "Anna E.", "Studio", "film", ("fr",), date(2099, 1, 1))
    cast = Cast((Person("Anna", face_consents=(leave,)), Person("Bea")), tmp_path)
    cast_file.save_cast(cast, tmp_path / "cast.toml")
    seen = OnScreen(Presence.ON)
    lines = (
        Line("S1_0001", "S1", 0, 96_000, "a", translation="una", on_screen=seen),
        Line("S1_0002", "S1", 96_000, 192_000, "b", translation="dos", on_screen=OnScreen(Presence.OFF)),
        Line("S2_0003", "S2", 192_000, 288_000, "c", translation="tres", on_screen=seen),
    )
    programme = Programme("f", "f.mp4", 480_000, 48_000, 1, Fraction(24))
    script = Script(programme, "en", "es", (Speaker("S1", "Anna"), Speaker("S2", "Bea")), lines)
    project = Project(tmp_path / "f.rythmo")
    project.save(script)
    settings = replace(
        PAID,
        engines=replace(PAID.engines, lipsync="sync"),
        lips=LipSettings(make=True),
        cast=CastSettings(str(tmp_path / "cast.toml")),
    )
    found = stages(estimate_language(project, "fr", settings))
    assert set(found) == {"translator", "voice", "lipsync"}
    assert (found["voice"].least.requests, found["lipsync"].most.units["frames"]) == (3, 48)
    assert set(stages(estimate_language(project, "pt", settings))) == {"translator", "voice"}
    assert set(stages(estimate_language(project, "fr", PAID))) == {"translator", "voice"}
    with pytest.raises(InputError, match="already"):
        estimate_language(project, "es", settings)
    assert main(["estimate", str(project.root), "--to", "fr", "--translator", "openai", "--json"]) == 0
    data = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert data["lines_to_speak"] == 3 and not (project.root / "languages").exists()


def test_every_stage_has_its_time_and_so_has_what_no_engine_does():
    local = EngineSettings("rnnoise", "silero", "resemblyzer", "faster-whisper", "apertium", "espeak")
    found = estimate(AMOUNT, "en", "es", Settings(engines=local))
    assert all(stage.seconds and stage.seconds > 0 for stage in found.stages)
    assert found.rest_seconds > 0
    assert found.seconds == pytest.approx(sum(s.seconds for s in found.stages) + found.rest_seconds)


@pytest.mark.skipif(not SCENE.is_file(), reason="the example scene is not built")
def test_the_scene_is_heard():
    amount = listen(probe(SCENE), "es", source="en")
    if amount.heard == "assumed":
        pytest.skip("the detector's weights are not installed: rythmo models get embedded")
    assert amount.heard == "whole"
    assert 35 < amount.speech_seconds < 50


def test_without_a_detector_a_usual_share_is_assumed_and_said(monkeypatch):
    monkeypatch.setattr(ear, "_ear", lambda: None)
    amount = listen(probe(SCENE), "es", source="en")
    assert amount.heard == "assumed"
    assumed = assume(amount.programme_seconds, "es", source="en")
    assert amount == replace(assumed, frame_rate=amount.frame_rate)


def test_the_command_says_all_this(capsys):
    arguments = ["estimate", str(SCENE), "--to", "es", "--translator", "openai", "--voice", "azure"]
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert "azure (v1); no price is known" in text
    assert "Prices as read on" in text
    assert main([*arguments, "--json"]) == 0
    data = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert data["unpriced"] == ["azure"]
    assert data["least"] > 0


@pytest.mark.parametrize("arguments", [[str(SCENE)], ["none.mp4", "--to", "es"], [str(SCENE), "--to", "xx"]])
def test_mistakes_are_told_in_a_line(capsys, arguments):
    assert main(["estimate", *arguments]) in (1, 2)
    assert "Traceback" not in capsys.readouterr().err
