"""The page's form for a consent record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def fill_consent(form: Any, full_name: str, purpose: str, more: Mapping[str, str] = {}) -> None:
    """Fill in the form for a person who grants a studio their voice or face; `more` are further fields, by
    their labels."""
    for label, words in (
        *more.items(),
        ("Whose it is", full_name),
        ("Who grants it", full_name),
        ("Who may use it", "Studio"),
        ("What for", purpose),
        ("The last day", "2099-12-31"),
    ):
        form.get_by_label(label).fill(words)
