"""Record consent for a dub that is still to be made, in the cast file that it will use."""

from __future__ import annotations

from pathlib import Path

from rythmo.casting import cast_file
from rythmo.casting.cast_file import Cast, Person
from rythmo.casting.consent_records import add_consent
from rythmo.errors import UsageError
from rythmo_plugin.service import schema
from rythmo_plugin.service.allowed_paths import AllowedPaths
from rythmo_plugin.service.rights_editor import read_record

NEW_FILE = "cast.toml"


def record_first_consent(places: AllowedPaths, asked: schema.FirstConsentAsked) -> schema.FirstConsent:
    """Add a consent record to a cast file, and the person where they are new to it.

    The file is the one that was named, else the one beside the film, new or old. Raises UsageError for a
    person without a name, InputError for a voice without a reference, ApiError (403) for a file outside the
    opened folders.
    """
    name = asked.person.strip()
    if not name:
        raise UsageError("Whose consent is it?", hint="Give the name by which the dub will know them.")
    record = read_record(asked)
    path = _find_file(places, asked)
    cast = cast_file.load_cast(path) if path.exists() else Cast(folder=path.parent)
    cast = cast.with_person(add_consent(cast.find_person(name) or Person(name), record))
    cast_file.save_cast(cast, path)
    return schema.FirstConsent(cast_file=str(path), people=[person.name for person in cast.people])


def _find_file(places: AllowedPaths, asked: schema.FirstConsentAsked) -> Path:
    if asked.cast_file:
        return places.file(asked.cast_file)
    if not asked.source:
        raise UsageError("Consent for which film?", hint="Give `source` or `cast_file`.")
    return places.inside(str(places.file(asked.source).parent / NEW_FILE))
