"""What is claimed about films and clips with changed lips, by what their engine does."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from claimed_dub import dub

from rythmo.casting.face_consent import FaceConsent
from rythmo.lips.lip_map import LipClip, LipMap, LipPart
from rythmo.lips.units import LipUnit
from rythmo.provenance.claims import claim_film, claim_stem
from rythmo.provenance.lip_claims import ChangedLips, claim_film_with_lips, claim_lip_clip
from rythmo.provenance.manifest import build_manifest

LEAVE = FaceConsent("Anna Example", "Anna Example", "Studio", "season 1", ("es",), date(2027, 1, 31))
FILMED, GENERATED = "compositeCapture", "compositeWithTrainedAlgorithmicMedia"


def clip(name, *spans, head=5):
    parts = tuple(
        LipPart(LipUnit(line, "S1", "F1", 1, 0, first, last), f"{line}{first}", 64)
        for line, first, last in spans
    )
    first, last = min(one[1] for one in spans), max(one[2] for one in spans)
    return LipClip(name, f"lips/{name}.mov", 0, first, last, head, 5, parts)


LIPS = LipMap(
    "own-mouths 1",
    True,
    "25",
    (clip("a", ("S1_0000", 50, 75), ("S1_0001", 75, 100)), clip("b", ("S1_0001", 200, 225))),
    (),
)


def changed(*, filmed, engine="own-mouths 1"):
    return ChangedLips(replace(LIPS, engine=engine), filmed, {"S1": LEAVE})


def edits(claim):
    (actions,) = (
        one["data"]["actions"]
        for one in build_manifest(claim, "video/mp4", "k")["assertions"]
        if one["label"].startswith("c2pa.actions")
    )
    kinds = [
        (one["digitalSourceType"].rpartition("/")[2], one) for one in actions if "digitalSourceType" in one
    ]
    return [kind for kind, _ in kinds], kinds[0][1]


@pytest.mark.parametrize(
    ("voice", "filmed", "types"),
    [
        ("kokoro", True, [FILMED, GENERATED]),
        ("an actor", True, [FILMED, "composite"]),
        ("an actor", False, [GENERATED, GENERATED]),
        ("espeak", False, [GENERATED, GENERATED]),
    ],
)
def test_the_films_own_type_is_never_less_than_that_of_its_lips(voice, filmed, types) -> None:
    kinds, _ = edits(claim_film_with_lips(dub(voice), "film.es.lips.mp4", changed(filmed=filmed)))
    assert kinds == types


def test_the_edit_names_its_engine_and_where_it_was() -> None:
    claim = claim_film_with_lips(dub("kokoro"), "film.es.lips.mp4", changed(filmed=True))
    _, edit = edits(claim)
    assert edit["action"] == "c2pa.edited"
    assert edit["softwareAgent"] == {"name": "own-mouths", "version": "1"}
    (change,) = edit["changes"]
    spans = [(one["time"]["start"], one["time"]["end"]) for one in change["region"]]
    assert spans == [("2.000", "4.000"), ("8.000", "9.000")], "two lines that meet are one stretch"
    lips = claim.facts["lips"]
    assert (lips["engine"], lips["made_from"], lips["draft"]) == ("own-mouths 1", "filmed frames", True)
    assert (lips["lines"], lips["seconds"]) == (["S1_0000", "S1_0001"], 3.0)
    (face,) = lips["faces"]
    assert (face["speaker"], face["name"], face["consent"]["face_of"]) == ("S1", "Anna", "Anna Example")
    assert face["consent"]["record"] == LEAVE.fingerprint


def test_a_clip_counts_from_its_first_frame_and_holds_its_own_lines() -> None:
    claim = claim_lip_clip(
        dub("kokoro"), "b.mov", LIPS.clips[1], changed(filmed=False, engine="sync lipsync-2")
    )
    kinds, edit = edits(claim)
    assert kinds == [GENERATED, GENERATED]
    assert edit["changes"][0]["region"][0]["time"] == {"type": "npt", "start": "0.200", "end": "1.200"}
    assert claim.facts["lips"]["lines"] == ["S1_0001"]
    assert (claim.edited, claim.agent) == (True, ("sync", "lipsync-2"))
    assert "secret" not in json.dumps(claim.facts)


def test_names_of_a_face_stay_out_where_those_of_voices_do() -> None:
    claim = claim_film_with_lips(dub("kokoro", names=False), "film.es.lips.mp4", changed(filmed=True))
    assert list(claim.facts["lips"]["faces"][0]["consent"]) == ["record"]


def test_a_film_without_lips_and_a_stem_say_nothing_of_them() -> None:
    whole = dub("kokoro")
    whole = replace(whole, script=replace(whole.script, engines={"voice": "v 1", "lipsync": "own-mouths 1"}))
    for claim in (claim_film(whole, "film.es.mp4"), claim_stem(whole, "MIX.wav", "MIX")):
        assert "lips" not in claim.facts
        assert "lipsync" not in claim.facts["engines"]
        assert edits(claim)[0] == [GENERATED]
