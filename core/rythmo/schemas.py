"""Make JSON Schemas the same under every Python version. Pure."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any


def dedent_descriptions(schema: Any) -> Any:
    """Return the schema with its descriptions dedented.

    Python 3.13 strips the indentation of docstrings; 3.11 and 3.12 keep it.
    """
    if isinstance(schema, dict):
        return {
            name: cleandoc(value)
            if name == "description" and isinstance(value, str)
            else dedent_descriptions(value)
            for name, value in schema.items()
        }
    return [dedent_descriptions(one) for one in schema] if isinstance(schema, list) else schema
