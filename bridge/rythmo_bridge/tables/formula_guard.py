"""Keep words from being run as formulas by a spreadsheet, and take the marks off again when they come back.

A cell of a CSV file that begins with =, +, - or @ is a formula to Excel, LibreOffice and Google. An
apostrophe before it makes it text. OWASP calls the attack CSV injection.
"""

from __future__ import annotations

import re

_FORMULA = re.compile(r"[=+\-@\t\r]")
_MARKED = re.compile(r"'+[=+\-@\t\r]")
_ERROR = re.compile(r"#(?:NAME\?|VALUE!|REF!|DIV/0!|N/A|NUM!|NULL!|ERROR!|SPILL!|CALC!)\Z", re.IGNORECASE)


def guard_cell(text: str) -> str:
    """Return the text of a CSV cell that no spreadsheet takes for a formula; `unguard_cell` undoes it."""
    return f"'{text}" if _FORMULA.match(text) or _MARKED.match(text) else text


def guard_mark(text: str) -> str:
    """Return the text of a typed cell, which is never a formula, so that `unguard_cell` gives it back."""
    return f"'{text}" if _MARKED.match(text) else text


def unguard_cell(text: str) -> str:
    """Return the words of a cell without the apostrophe that guards them."""
    return text[1:] if _MARKED.match(text) else text


def is_formula(text: str) -> bool:
    """Whether an untyped cell holds a formula, or the error that one came to, instead of words."""
    return text.startswith("=") or bool(_ERROR.match(text.strip()))
