"""What reading a file's provenance found: whether it is signed, whole, by whom, and what is claimed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Whether what a file claims can be believed."""

    VALID = "valid"
    UNKNOWN_SIGNER = "signed by unknown"
    CHANGED = "changed"
    UNSIGNED = "not signed"


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A file that the signed one was made from, as its manifest names it; `depth` 1 is a direct one.

    `signed` says whether that file had a manifest of its own, whose claims then lie in this one too, and
    `changed` whether the file was another by then than the one that was signed.
    """

    title: str
    relation: str
    depth: int
    sha256: str = ""
    signed: bool = False
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole finding about one file.

    `signer` is the name in the certificate, `own` whether that is this machine's. `beside` is the manifest
    when it lies in a file of its own. `problems` are sentences about what does not hold.
    """

    file: str
    state: State
    signer: str = ""
    own: bool = False
    signed_at: str = ""
    """The time that a timestamp authority vouches for; "" where none was asked."""
    time_known: bool = False
    """Whether that authority's certificate is one that is trusted here."""
    source_type: str = ""
    program: str = ""
    actions: tuple[str, ...] = ()
    ancestors: tuple[Ancestor, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Rythmo's own statement; see docs/provenance.md."""
    beside: str = ""
    problems: tuple[str, ...] = ()
