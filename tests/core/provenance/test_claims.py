"""What is claimed about films, stems and takes: whose voice, which engine, which consent, which source."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from claimed_dub import RECORD, dub

from rythmo.provenance.claims import (
    Origin,
    claim_film,
    claim_paper,
    claim_stem,
    claim_take,
    heard_lines,
)
from rythmo.provenance.manifest import build_ingredient, build_manifest
from rythmo.script.takes import ORIGINAL


@pytest.mark.parametrize(
    ("engines", "dialogue", "film"),
    [
        (["kokoro"], "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"),
        (["espeak"], "algorithmicMedia", "compositeSynthetic"),
        (["kokoro", "espeak"], "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"),
        (
            ["kokoro", ORIGINAL],
            "compositeWithTrainedAlgorithmicMedia",
            "compositeWithTrainedAlgorithmicMedia",
        ),
        (["espeak", ORIGINAL], "compositeSynthetic", "compositeSynthetic"),
        ([ORIGINAL], "digitalCapture", "composite"),
        (["an actor"], "digitalCapture", "composite"),
        (
            ["an actor", "kokoro"],
            "compositeWithTrainedAlgorithmicMedia",
            "compositeWithTrainedAlgorithmicMedia",
        ),
        ([], "composite", "composite"),
    ],
)
def test_how_it_came_about(engines, dialogue, film):
    whole = dub(*engines)
    assert claim_stem(whole, "DX.wav", "DX").source_type == dialogue
    assert claim_film(whole, "film.es.mp4").source_type == film
    assert claim_stem(whole, "MIX.wav", "MIX").source_type == film
    assert claim_stem(whole, "ME.wav", "ME").source_type == "algorithmicallyEnhanced"


def test_a_film_names_source_engines_people_and_lines_and_keeps_the_words_to_itself():
    claim = claim_film(dub("cloner", "kokoro", ORIGINAL, "an actor"), "film.es.mp4")
    facts = claim.facts
    assert facts["sources"] == [{"title": "film.mp4", "sha256": "cd" * 32}]
    assert facts["engines"] == {"separator": "demucs 4", "voice": "kokoro 1.2"}
    anna, ben = facts["speakers"]
    assert (anna["cloned"], ben["cloned"]) == (True, False)
    assert anna["consent"] == {
        "record": RECORD.fingerprint, "voice_of": "Anna Example", "granted_by": "Anna Example",
        "granted_to": "Studio", "until": "2027-01-31",
    }  # fmt: skip
    assert [one["voice"] for one in facts["lines"]] == ["synthetic", "synthetic", "original", "human"]
    assert facts["lines"][0]["engine"] == "cloner 1.2"
    assert not [line for line in facts["lines"][2:] if "engine" in line]
    assert "secret" not in json.dumps(facts)
    assert "/somewhere" not in json.dumps(build_manifest(claim, "video/mp4", "k"))


def test_the_names_of_a_consent_record_can_stay_out():
    facts = claim_film(dub("cloner", names=False), "film.es.mp4").facts
    assert facts["speakers"][0]["consent"] == {"record": RECORD.fingerprint}


def test_a_stem_is_claimed_for_its_own_speaker_and_by_the_engine_that_spoke():
    whole = dub("cloner", "kokoro", "cloner")
    claim = claim_stem(whole, "DX_S1.wav", "DX_S1")
    assert [one["id"] for one in claim.facts["lines"]] == ["S1_0000", "S1_0002"]
    assert [one["id"] for one in claim.facts["speakers"]] == ["S1"]
    assert claim.agent == ("cloner", "1.2")
    assert claim_stem(whole, "DX.wav", "DX").agent == ("Rythmo", "9"), "of two engines: who put them together"
    assert not claim.edited
    assert claim_stem(whole, "ME.wav", "ME").edited
    assert claim_stem(whole, "ME.wav", "ME").facts["separation"] == "demucs 4"


def test_a_take_is_claimed_by_itself():
    whole = dub("kokoro", "cloner")
    first = heard_lines(whole.script)[0]
    claim = claim_take(whole, "S1_0000_t01.wav", first, first.take)
    assert claim.facts["lines"] == [
        {
            "id": "S1_0000",
            "take": "t01",
            "voice": "synthetic",
            "engine": "kokoro 1.2",
            "translation": "machine",
        }
    ]
    assert (claim.agent, claim.source_type) == (("kokoro", "1.2"), "trainedAlgorithmicMedia")


def test_a_manifest_is_the_same_for_the_same_claim_and_says_it_in_c2pas_words():
    claim = claim_film(dub("kokoro"), "film.es.mp4")
    made = build_manifest(claim, "video/mp4", "key")
    assert made == build_manifest(claim, "video/mp4", "key")
    assert made["label"] != build_manifest(claim, "video/mp4", "other")["label"]
    edited, translated = made["assertions"][0]["data"]["actions"]
    assert edited["action"] == "c2pa.edited"
    assert edited["digitalSourceType"].endswith("/digitalsourcetype/compositeWithTrainedAlgorithmicMedia")
    assert translated["parameters"] == {"sourceLanguage": "en", "targetLanguage": "es"}
    created = build_manifest(claim_stem(dub("kokoro"), "DX.wav", "DX"), "audio/wav", "key")
    (action,) = created["assertions"][0]["data"]["actions"]
    assert (action["action"], action["softwareAgent"]) == (
        "c2pa.created",
        {"name": "kokoro", "version": "1.2"},
    )


def test_an_ingredient_without_a_hash_has_none():
    assert "description" not in build_ingredient(Origin("cut.otio", ""))
    assert build_ingredient(Origin("cut.otio", "ab"))["description"] == "sha256 ab"


def test_a_watermark_is_claimed_where_a_machines_voice_holds_it():
    made = dub("kokoro", "an actor")
    marked = replace(
        made, script=replace(made.script, engines={**made.script.engines, "watermark": "perth 1"})
    )
    assert claim_film(marked, "film.mp4").facts["watermark"] == "perth 1"
    assert "watermark" not in claim_film(made, "film.mp4").facts
    spoken, human = marked.script.lines
    assert claim_take(marked, "a.wav", spoken, spoken.take, placed=True).facts["watermark"] == "perth 1"
    assert "watermark" not in claim_take(marked, "a.wav", spoken, spoken.take).facts
    assert "watermark" not in claim_take(marked, "a.wav", human, human.take, placed=True).facts
    for stem, told in (("DX", True), ("MIX", True), ("DX_S1", True), ("DX_S2", False), ("ME", False)):
        claim = claim_stem(marked, f"{stem}.wav", stem)
        assert ("watermark" in claim.facts) == told, stem
        actions = build_manifest(claim, "audio/wav", "key")["assertions"][0]["data"]["actions"]
        assert ([one["action"] for one in actions][-1] == "c2pa.watermarked.unbound") == told


def test_a_paper_says_who_translated_and_holds_no_sound():
    claim = claim_paper(dub("kokoro"), "film.cue-sheet.pdf")
    assert (claim.source_type, claim.edited) == ("compositeWithTrainedAlgorithmicMedia", False)
    made = dub("kokoro")
    by_hand = tuple(replace(one, edited=("translation",)) for one in made.script.lines)
    assert (
        claim_paper(replace(made, script=replace(made.script, lines=by_hand)), "x.pdf").source_type
        == "digitalCreation"
    )


def test_an_edited_timeline_is_an_input_and_no_part():
    guide = Origin("cut.otio", "ef" * 32, guide=True)
    assert build_ingredient(guide)["relationship"] == "inputTo"
