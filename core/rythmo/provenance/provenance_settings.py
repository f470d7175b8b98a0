"""The settings about how deliveries say that a machine made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ProvenanceSettings:
    """How deliveries say that a machine made them; see docs/provenance.md.

    `certificate` is a PEM file with a certificate chain, and `key` a PEM file with its private key, or the
    text of one. Without them a certificate made on this machine signs. Neither is ever written to a project.
    `timestamp` is the address of a timestamp authority, which is sent a hash of each signature; "" asks none.
    """

    sign: bool = True
    certificate: str = ""
    key: str = field(default="", repr=False)
    timestamp: str = ""
    consent_names: bool = True
    """Put the names of a consent record into the deliveries, not just the record's fingerprint."""
    disclosure: str = "report"
    """Where it is said in words that voices are a machine's, comma-separated: report, subtitles, card."""
    disclosure_text: Mapping[str, str] = field(default_factory=dict)
    """The words by language, in place of Rythmo's own."""
