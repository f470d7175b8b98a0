"""Splitting of text into pieces that fit Kokoro. Pure."""

from __future__ import annotations

import re

# The places where symbols may be cut, best first: between sentences, at commas, between words, anywhere.
_BREAKS = (r"(?<=[.!?…;])\s", r"(?<=[,:—])\s?", r"\s", "")


def split_symbols(symbols: str, longest: int) -> list[str]:
    """Split the symbols into pieces of at most `longest`, where a cut is heard least."""
    return [piece for piece in _split(symbols.strip(), longest, 0) if piece.strip()]


def _split(symbols: str, longest: int, level: int) -> list[str]:
    if len(symbols) <= longest:
        return [symbols]
    if not _BREAKS[level]:
        return [symbols[at : at + longest] for at in range(0, len(symbols), longest)]
    pieces: list[str] = []
    for part in re.split(_BREAKS[level], symbols):
        if pieces and len(pieces[-1]) + 1 + len(part) <= longest:
            pieces[-1] += f" {part}"
        else:
            pieces += _split(part, longest, level + 1)
    return pieces
