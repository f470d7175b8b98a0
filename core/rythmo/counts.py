"""Write a number with its noun, in the singular or the plural."""

from __future__ import annotations


def format_count(number: int, singular: str, plural: str = "") -> str:
    """Return "1 line", "27 lines" or "2,000 lines".

    `plural` is the singular with an "s" unless it is given: `format_count(3, "line is", "lines are")`.
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
