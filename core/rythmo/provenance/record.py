"""The record of a language's deliveries: which are signed, by whom, and which are not and why."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rythmo.counts import format_count
from rythmo.files import write_atomically
from rythmo.provenance.credentials import Credentials
from rythmo.script.model import Script
from rythmo.script.store import encode_json

FILE = "provenance.json"
"""In the deliveries of the language."""


@dataclass(frozen=True, slots=True)
class SignedDeliveries:
    """What became of the last delivery's files; their names are relative to the project.

    `inside` are signed in the file itself, `beside` by a manifest among the deliveries. `unsigned` are media
    that should be signed and could not, with the reason. `why` says why nothing was signed at all.
    """

    signer: str = ""
    own: bool = False
    """Whether the certificate was made on this machine, so that nobody vouches for the signer."""
    certificate: str = ""
    """SHA-256 of the signer's certificate."""
    timestamp: str = ""
    inside: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    unsigned: tuple[tuple[str, str], ...] = ()
    why: str = ""

    @property
    def count(self) -> int:
        """The number of signed files."""
        return len(self.inside) + len(self.beside)


def describe_signer(credentials: Credentials) -> SignedDeliveries:
    """Return a record of nothing yet, with whoever signs."""
    return SignedDeliveries(credentials.name, credentials.own, credentials.fingerprint, credentials.timestamp)


def record_path(root: Path, script: Script) -> Path:
    """Return the path of a language's record."""
    return root / "deliver" / script.target_language / FILE


def read_record(root: Path, script: Script) -> SignedDeliveries | None:
    """Return the record of the last delivery; None where there is none or it cannot be read."""
    with suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode(record_path(root, script).read_bytes(), type=SignedDeliveries)
    return None


def save_record(record: SignedDeliveries, root: Path, script: Script) -> None:
    """Write the record. Raises OutputError."""
    write_atomically(record_path(root, script), encode_json(record))


def summarise(record: SignedDeliveries) -> str:
    """Return one sentence for a person about who signed."""
    if record.why:
        return f"Not signed: {record.why}"
    left = _describe_unsigned(record)
    if not record.count:
        return left or "No delivered file is of a kind that can be signed."
    who = "a certificate made on this machine" if record.own else record.signer
    stamp = f", with the time from {record.timestamp}" if record.timestamp else ""
    files = format_count(record.count, "file")
    return f"{files} signed by {who}{stamp} (C2PA). {left}".rstrip()


def _describe_unsigned(record: SignedDeliveries) -> str:
    if not record.unsigned:
        return ""
    count = len(record.unsigned)
    files = format_count(count, "file is", "files are")
    return f"{files} not signed: {record.unsigned[0][1]}"
