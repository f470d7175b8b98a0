"""Add a person's consent to a cast, and find who it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rythmo.casting.cast_file import Cast, Person
from rythmo.casting.consent import Consent
from rythmo.errors import InputError


def require_person(cast: Cast, name: str) -> Person:
    """Return the person of that name. Raises InputError, which lists who there is."""
    person = cast.find_person(name)
    if person is None:
        names = ", ".join(one.name for one in cast.people)
        raise InputError(f"There is no {name!r} in the cast.", hint=f"There are: {names}.")
    return person


def add_consent(person: Person, record: Mapping[str, Any]) -> Person:
    """Return the person with a consent record for their present reference.

    `record` holds the fields of a `Consent` but the reference. Raises InputError where there is no reference.
    """
    if person.reference is None:
        raise InputError(
            f"There is no reference of {person.name} that consent could be for.",
            hint="Save the cast from a project in which they speak clearly.",
        )
    new = Consent(**record, reference=person.reference.sha256)
    return replace(person, consents=(*(one for one in person.consents if one != new), new))
