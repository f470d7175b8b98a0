"""Nobody's lips are changed without a record of their consent, which stands in the cast file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from rythmo.casting.cast_file import Cast, Person, load_cast, save_cast
from rythmo.casting.consent import Use
from rythmo.casting.face_consent import FaceConsent, explain_missing_consent
from rythmo.errors import InputError

DAY = date(2026, 6, 1)
LEAVE = FaceConsent("Anna Example", "Anna Example", "Studio", "one film", ("es", "pt"), DAY)
USE = Use("es", "Lighthouse", ("FR",))


def test_a_record_that_holds() -> None:
    assert explain_missing_consent((LEAVE,), USE, DAY) == ""
    narrow = replace(LEAVE, films=("Light*",), territories=("FR", "BE"), languages=("*",))
    assert explain_missing_consent((replace(LEAVE, scope=""), narrow), USE, DAY) == ""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"expires": DAY - timedelta(days=1)}, "ended"),
        ({"languages": ("fr",)}, "not es"),
        ({"granted_by": " "}, "granted by"),
        ({"face_of": ""}, "face of"),
        ({"films": ("Other",)}, "not Lighthouse"),
        ({"territories": ("US",)}, "not FR"),
    ],
)
def test_a_record_that_does_not_hold_says_why(change, reason) -> None:
    assert reason in explain_missing_consent((replace(LEAVE, **change),), USE, DAY)


def test_no_record_is_no_consent() -> None:
    assert explain_missing_consent((), USE, DAY)


def test_the_cast_file_keeps_it(tmp_path) -> None:
    cast = Cast((Person("Anna", face_consents=(LEAVE,)), Person("Ben")), tmp_path)
    save_cast(cast, tmp_path / "cast.toml")
    assert load_cast(tmp_path / "cast.toml") == cast


def test_a_field_that_nobody_knows_is_refused(tmp_path) -> None:
    path = tmp_path / "cast.toml"
    save_cast(Cast((Person("Anna", face_consents=(LEAVE,)),), tmp_path), path)
    path.write_text(path.read_text("utf-8").replace("face_of", "fase_of"), "utf-8")
    with pytest.raises(InputError):
        load_cast(path)
