"""JSON Schemas made from types, the same by every Python. Pure."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any


def plain(schema: Any) -> Any:
    """The schema with its descriptions as Python 3.13 keeps docstrings: without the indentation of the
    source, which 3.11 and 3.12 leave in."""
    if isinstance(schema, dict):
        return {
            name: cleandoc(value) if name == "description" and isinstance(value, str) else plain(value)
            for name, value in schema.items()
        }
    return [plain(one) for one in schema] if isinstance(schema, list) else schema
