"""API types of rights: who may be cloned, for what, and what withdrawing it deletes."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta, field

from rythmo_plugin.service.schema.base import Asked, Base, Language, Name, PathText

Words = Annotated[str, Meta(min_length=1, max_length=300)]


class ConsentFacts(Base, frozen=True, kw_only=True):
    """A consent record. No films mean every one, no territories everywhere, the language "*" every one.

    A record is for a voice or for a face: `voice_of` or `face_of` says whose, the other is null. `holds` says
    whether it allows a clone, or new lips, in this dub today, and `why_not` why it doesn't.
    """

    id: str
    voice_of: str | None = None
    face_of: str | None = None
    granted_by: str
    granted_to: str
    scope: str
    languages: list[str]
    expires: date
    films: list[str]
    territories: list[str]
    holds: bool
    why_not: str


class PersonRights(Base, frozen=True, kw_only=True):
    """A person of the cast. `speaker` is who they are in this project, null where they don't speak; `cloned`
    says that they have a cloned voice in it, `lips` that lines of theirs have new lips. Consent for the voice
    can be recorded where there is a `reference`, consent for the face always. `why_no_lips` is "" where the
    face may be changed in this dub today."""

    name: str
    speaker: str | None
    cloned: bool
    lips: bool
    reference: bool
    consents: list[ConsentFacts]
    face_consents: list[ConsentFacts]
    why_no_lips: str


class Rights(Base, frozen=True, kw_only=True):
    """The people of the project's cast file, and where its dub is shown (ISO 3166 codes; none: not said).

    Without a `cast_file` nobody has consent.
    """

    cast_file: str | None
    film: str
    language: str
    territories: list[str]
    people: list[PersonRights]


class TerritoriesAsked(Asked, frozen=True, kw_only=True):
    """Where the dub is shown: ISO 3166 codes; none: not said."""

    territories: Annotated[list[Annotated[str, Meta(max_length=10)]], Meta(max_length=300)]


class ConsentAsked(Asked, frozen=True, kw_only=True):
    """Leave to clone the voice of a `person` of the cast file, for their reference in it, to change the lips
    of their face, or both: `voice_of` and `face_of` say whose they are, by full name."""

    person: Name
    voice_of: Words | None = None
    face_of: Words | None = None
    granted_by: Words
    granted_to: Words
    scope: Words
    languages: Annotated[list[Language], Meta(min_length=1, max_length=100)]
    expires: date
    films: Annotated[list[Words], Meta(max_length=100)] = field(default_factory=list)
    territories: Annotated[list[Annotated[str, Meta(max_length=10)]], Meta(max_length=300)] = field(
        default_factory=list
    )


class FirstConsentAsked(ConsentAsked, frozen=True, kw_only=True):
    """Consent for a dub that is still to be made. The record goes into `cast_file`, or into the one
    beside the `source`; the `person` is added there if needed, by the name that the dub will know them by."""

    cast_file: PathText | None = None
    source: PathText | None = None


class FirstConsent(Base, frozen=True, kw_only=True):
    """The cast file that holds the record, and everybody in it."""

    cast_file: str
    people: list[str]


class WithdrawalAsked(Asked, frozen=True, kw_only=True):
    """A person of the cast file, by name, and whether consent for the face alone is withdrawn."""

    person: Name
    face_only: bool = False


class WithdrawalFacts(Base, frozen=True, kw_only=True):
    """What withdrawing a person's consent deletes and what remains, as sentences.

    `left` are clones that a service still has, because it did not answer.
    """

    person: str
    deleted: list[str]
    remains: list[str]
    left: list[str] = field(default_factory=list)
