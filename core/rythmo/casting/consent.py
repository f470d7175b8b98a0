"""Consent: no engine clones a voice whose owner has not said so, in words that a court could read.

A record names whose voice it is, who granted it to whom, for what, in which languages, until when, and the
recording that may be cloned, by its hash. It holds for that recording alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from typing import Protocol, TypeVar

from rythmo.script import store

R = TypeVar("R", bound="Leave")
ANY_LANGUAGE = "*"
SIGNED = ("granted_by", "granted_to", "scope")
"""What every record has to say, besides whose voice or face it is about."""


@dataclass(frozen=True, slots=True)
class Consent:
    """One person's leave to clone one voice. `languages` are ISO 639-1 codes, or "*" for every one;
    `expires` is the last day; `reference` is the SHA-256 of the recording.

    `films` are names of programmes, with * and ? for several ("Lighthouse S01*"); none allows every one.
    `territories` are where the dub may be shown, as ISO 3166 codes (FR, BE); none allows everywhere.
    """

    voice_of: str
    granted_by: str
    granted_to: str
    scope: str
    languages: tuple[str, ...]
    expires: date
    reference: str
    films: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that stand for exactly this record."""
        if self.films or self.territories:
            return hash_record(self)
        # Records were hashed like this before they could name films, and scripts hold the hash.
        names = ("voice_of", "granted_by", "granted_to", "scope", "languages", "expires", "reference")
        return hash_record(_WholeScope(*(getattr(self, name) for name in names)))


@dataclass(frozen=True, slots=True)
class _WholeScope:
    voice_of: str
    granted_by: str
    granted_to: str
    scope: str
    languages: tuple[str, ...]
    expires: date
    reference: str


def hash_record(record: object) -> str:
    """Return 16 hexadecimal digits that stand for exactly this record."""
    return hashlib.sha256(store.encode_json(record)).hexdigest()[:16]


def read_utc_date() -> date:
    """Return the day that consent is judged on, in UTC."""
    return datetime.now(tz=UTC).date()


@dataclass(frozen=True, slots=True)
class Use:
    """What a clone is wanted for: a language, a programme, and the territories where the dub is shown."""

    language: str
    film: str = ""
    territories: tuple[str, ...] = ()


def find_valid_consent(
    records: Sequence[Consent], reference: str, use: Use, day: date
) -> tuple[Consent | None, str]:
    """Return the record that allows to clone this recording for that use on that day, or why none does."""

    def explain(record: Consent) -> str:
        if blank := explain_blank(record, ("voice_of", *SIGNED)):
            return blank
        if record.reference != reference:
            return "the consent is for another recording"
        return explain_wrong_use(record, use, day)

    found, why = find_allowing(records, explain)
    return found, why or ("" if found else "there is no consent record")


def parse_territories(text: str) -> tuple[str, ...]:
    """Return the codes of a comma-separated list, in capitals."""
    return tuple(code.strip().upper() for code in text.split(",") if code.strip())


def find_allowing(records: Sequence[R], explain: Callable[[R], str]) -> tuple[R | None, str]:
    """Return the first record that `explain` has nothing against, or what it says about all of them."""
    reasons = []
    for record in records:
        reason = explain(record)
        if not reason:
            return record, ""
        reasons.append(reason)
    return None, "; ".join(dict.fromkeys(reasons))


def explain_blank(record: object, names: Sequence[str]) -> str:
    """Return which of the fields `names` a record leaves blank; "" where it leaves none."""
    blank = next((name for name in names if not getattr(record, name).strip()), "")
    return f"the consent record does not say {blank.replace('_', ' ')}" if blank else ""


class Leave(Protocol):
    """The part of a consent record that says what it is for, as those for voices and for faces have it."""

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes, or "*" for every language."""

    @property
    def expires(self) -> date:
        """The last day."""

    @property
    def films(self) -> tuple[str, ...]:
        """Names of programmes; none allows every one."""

    @property
    def territories(self) -> tuple[str, ...]:
        """Where the dub may be shown; none allows everywhere."""


def explain_wrong_use(record: Leave, use: Use, day: date) -> str:
    """Return why a record does not allow that use on that day; "" where it does."""
    language = use.language
    if record.expires < day:
        return f"the consent ended on {record.expires}"
    if ANY_LANGUAGE not in record.languages and language not in record.languages:
        return f"the consent is for {', '.join(record.languages) or 'no language'}, not {language}"
    if record.films and not any(_matches(use.film, film) for film in record.films):
        return f"the consent is for {', '.join(record.films)}, not {use.film}"
    return _explain_territories(record, use)


def _matches(film: str, pattern: str) -> bool:
    return fnmatchcase(film.casefold(), pattern.strip().casefold())


def _explain_territories(record: Leave, use: Use) -> str:
    allowed = {code.upper() for code in record.territories}
    if not allowed:
        return ""
    where = ", ".join(sorted(allowed))
    if not use.territories:
        return f"the consent is for {where}, and it is not known where the dub is shown (--territories)"
    outside = sorted(set(use.territories) - allowed)
    return f"the consent is for {where}, not {', '.join(outside)}" if outside else ""
