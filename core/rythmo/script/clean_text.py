"""Clean text that people type or that files hold, before it becomes part of a script. Pure."""

from __future__ import annotations

import unicodedata


def join_to_one_line(text: str) -> str:
    """Return the text on one line, without control characters: they break XML, and some engines take them
    for commands."""
    kept = (
        "" if unicodedata.category(char) in {"Cc", "Cs"} and not char.isspace() else char for char in text
    )
    return " ".join("".join(kept).split())
