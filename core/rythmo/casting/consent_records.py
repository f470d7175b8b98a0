"""Add a person's consent to a cast, and find who it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rythmo.casting.cast_file import Cast, Person
from rythmo.casting.consent import Consent
from rythmo.casting.face_consent import FaceConsent
from rythmo.errors import InputError


def require_person(cast: Cast, name: str) -> Person:
    """Return the person of that name. Raises InputError, which lists who there is."""
    person = cast.find_person(name)
    if person is None:
        names = ", ".join(one.name for one in cast.people)
        raise InputError(f"There is no {name!r} in the cast.", hint=f"There are: {names}.")
    return person


def add_consent(person: Person, record: Mapping[str, Any]) -> Person:
    """Return the person with a record for their face, one for their voice as in their reference, or both.

    `record` holds the fields that both kinds share, and `voice_of`, `face_of` or both. Raises InputError
    where a voice has no reference.
    """
    if "face_of" in record:
        face = FaceConsent(**{name: value for name, value in record.items() if name != "voice_of"})
        person = replace(person, face_consents=(*(one for one in person.face_consents if one != face), face))
    if "voice_of" not in record:
        return person
    if person.reference is None:
        raise InputError(
            f"There is no reference of {person.name} that consent could be for.",
            hint="Save the cast from a project in which they speak clearly.",
        )
    voice = {name: value for name, value in record.items() if name != "face_of"}
    new = Consent(**voice, reference=person.reference.sha256)
    return replace(person, consents=(*(one for one in person.consents if one != new), new))
