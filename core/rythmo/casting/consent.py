"""Consent: no engine clones a voice whose owner has not said so, in words that a court could read.

A record names whose voice it is, who granted it to whom, for what, in which languages, until when, and the
recording that may be cloned, by its hash. It holds for that recording alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from rythmo.script import store

ANY_LANGUAGE = "*"


@dataclass(frozen=True, slots=True)
class Consent:
    """One person's leave to clone one voice. `languages` are ISO 639-1 codes, or "*" for every one;
    `expires` is the last day; `reference` is the SHA-256 of the recording."""

    voice_of: str
    granted_by: str
    granted_to: str
    scope: str
    languages: tuple[str, ...]
    expires: date
    reference: str

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that stand for exactly this record."""
        return hashlib.sha256(store.encode_json(self)).hexdigest()[:16]


def read_utc_date() -> date:
    """Return the day that consent is judged on, in UTC."""
    return datetime.now(tz=UTC).date()


def find_valid_consent(
    records: Sequence[Consent], reference: str, language: str, day: date
) -> tuple[Consent | None, str]:
    """Return the record that allows this recording to be cloned for that language on that day, or why none
    does."""
    reasons = []
    for record in records:
        reason = _explain_refusal(record, reference, language, day)
        if not reason:
            return record, ""
        reasons.append(reason)
    return None, "; ".join(dict.fromkeys(reasons)) or "there is no consent record"


def _explain_refusal(record: Consent, reference: str, language: str, day: date) -> str:
    for name in ("voice_of", "granted_by", "granted_to", "scope"):
        if not getattr(record, name).strip():
            return f"the consent record does not say {name.replace('_', ' ')}"
    if record.reference != reference:
        return "the consent is for another recording"
    if record.expires < day:
        return f"the consent ended on {record.expires}"
    if ANY_LANGUAGE not in record.languages and language not in record.languages:
        return f"the consent is for {', '.join(record.languages) or 'no language'}, not {language}"
    return ""
