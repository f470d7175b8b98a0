"""Consent for a face: no engine changes the lips of somebody who has not said so.

A record names whose face it is, who granted it to whom, for what, in which languages, and until when. It
stands in the cast file beside the records for voices, and holds for that person by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rythmo.casting.consent import (
    SIGNED,
    Use,
    explain_blank,
    explain_wrong_use,
    find_allowing,
    hash_record,
)


@dataclass(frozen=True, slots=True)
class FaceConsent:
    """One person's leave to change the lips of their face. The fields are those of `consent.Consent`.

    `films` are names of programmes, with * and ? for several; none allows every one. `territories` are where
    the dub may be shown; none allows everywhere.
    """

    face_of: str
    granted_by: str
    granted_to: str
    scope: str
    languages: tuple[str, ...]
    expires: date
    films: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that stand for exactly this record."""
        return hash_record(self)


def find_face_consent(records: Sequence[FaceConsent], use: Use, day: date) -> tuple[FaceConsent | None, str]:
    """Return the record that allows that use on that day, or why none does."""
    found, why = find_allowing(records, lambda record: explain_face_consent(record, use, day))
    return found, why or ("" if found else "there is no consent record for the face")


def explain_missing_consent(records: Sequence[FaceConsent], use: Use, day: date) -> str:
    """Return why none of the records allows that use on that day; "" where one does."""
    return find_face_consent(records, use, day)[1]


def explain_face_consent(record: FaceConsent, use: Use, day: date) -> str:
    """Return why a record does not allow that use on that day; "" where it does."""
    return explain_blank(record, ("face_of", *SIGNED)) or explain_wrong_use(record, use, day)
