"""Load c2pa-python, which signs and reads. It is an extra: its wheels weigh 16 to 88 MB."""

from __future__ import annotations

import importlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from rythmo.errors import SigningError

INSTALL = 'pip install "rythmo[provenance]"'


def is_installed() -> bool:
    """Tell whether c2pa-python is installed and loads on this machine."""
    try:
        load_c2pa()
    except SigningError:
        return False
    return True


@cache
def load_c2pa() -> Any:
    """Return the module `c2pa`. Raises SigningError when it is not installed or does not load here."""
    try:
        return importlib.import_module("c2pa")
    except ImportError as error:
        raise SigningError("Signing and verifying need c2pa-python.", hint=f"Get it: {INSTALL}") from error
    except (OSError, RuntimeError) as error:
        # Its native part is built for glibc 2.28 and later; an older system refuses to load it.
        raise SigningError(
            f"c2pa-python does not load on this machine: {error}.", hint="Deliver with --no-sign."
        ) from error


@cache
def library_version() -> str:
    """Return the version of c2pa-python; "" where it is not installed."""
    try:
        return version("c2pa-python")
    except PackageNotFoundError:
        return ""
