"""Consent: a whole record, for that recording, in that language, on that day; else there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from rythmo.casting.consent import Consent, Use, find_valid_consent, parse_territories

HASH, DAY = "a" * 64, date(2026, 6, 1)
USE = Use("es", "Lighthouse S01E02", ("FR",))
GOOD = Consent("Anna Example", "Anna Example", "Studio", "season 1", ("es", "fr"), DAY, HASH)


def test_the_record_that_allows_it_is_named_by_its_fingerprint():
    found, why = find_valid_consent([replace(GOOD, reference="b" * 64), GOOD], HASH, USE, DAY)
    assert (found, why) == (GOOD, "")
    assert len(GOOD.fingerprint) == 16 and GOOD.fingerprint != replace(GOOD, scope="season 2").fingerprint


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"voice_of": " "}, "does not say voice of"),
        ({"granted_by": ""}, "does not say granted by"),
        ({"granted_to": ""}, "does not say granted to"),
        ({"scope": ""}, "does not say scope"),
        ({"reference": "b" * 64}, "another recording"),
        ({"expires": date(2026, 5, 31)}, "ended on 2026-05-31"),
        ({"languages": ("fr",)}, "is for fr, not es"),
        ({"languages": ()}, "is for no language, not es"),
        ({"films": ("Harbour",)}, "is for Harbour, not Lighthouse S01E02"),
        ({"territories": ("BE", "CH")}, "is for BE, CH, not FR"),
    ],
)
def test_what_does_not_hold_is_told(change, why):
    found, reason = find_valid_consent([replace(GOOD, **change)], HASH, USE, DAY)
    assert found is None and why in reason


def test_every_language_is_every_language():
    assert find_valid_consent([replace(GOOD, languages=("*",))], HASH, Use("ja"), DAY)[0]


def test_no_record_is_no_consent_and_reasons_are_told_once():
    assert find_valid_consent([], HASH, USE, DAY) == (
        None,
        "there is no consent record",
    )
    ended = replace(GOOD, expires=date(2020, 1, 1))
    assert find_valid_consent([ended, ended], HASH, USE, DAY)[1] == "the consent ended on 2020-01-01"


def test_a_scope_that_covers_the_use_allows_it():
    scoped = replace(GOOD, films=("Harbour", "lighthouse s01*"), territories=("FR", "be"))
    use = Use("es", "Lighthouse S01E02", parse_territories("fr, be"))
    assert find_valid_consent([scoped], HASH, use, DAY)[0] == scoped
    unknown = replace(use, territories=())
    assert "not known where the dub is shown" in find_valid_consent([scoped], HASH, unknown, DAY)[1]
    assert find_valid_consent([scoped], HASH, replace(use, territories=("FR", "US")), DAY)[1].endswith(
        "not US"
    )


def test_a_record_without_the_new_fields_keeps_its_fingerprint():
    assert GOOD.fingerprint == "8fef9421661ed89d"
    assert replace(GOOD, films=("x",)).fingerprint != GOOD.fingerprint
