"""Deliver as where c2pa-python is not installed: to sign a toy film costs more than to dub it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rythmo.errors import SigningError
from rythmo.provenance import library

_load_c2pa = library.load_c2pa


def switch_signing_off() -> None:
    """Have this process sign nothing, until `signing`."""
    library.load_c2pa = _refuse  # type: ignore[assignment]  # a cached function has more to it


@contextmanager
def signing() -> Iterator[None]:
    """Have it sign where c2pa-python is installed."""
    library.load_c2pa = _load_c2pa
    try:
        yield
    finally:
        switch_signing_off()


def _refuse() -> Any:
    raise SigningError("Tests sign only where they say so.")
