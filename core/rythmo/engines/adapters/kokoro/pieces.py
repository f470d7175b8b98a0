"""Splitting of text into pieces that fit Kokoro, and the sentence for trying a voice. Pure."""

from __future__ import annotations

import re

# The places where symbols may be cut, best first: between sentences, at commas, between words, anywhere.
_BREAKS = (r"(?<=[.!?…;])\s", r"(?<=[,:—])\s?", r"\s", "")

_SENTENCES = {
    "en": "I did not know that you were here. What do you want from me?",
    "es": "No sabía que estabas aquí. ¿Qué quieres de mí?",
    "fr": "Je ne savais pas que tu étais là. Que veux-tu de moi ?",
    "hi": "मुझे नहीं पता था कि तुम यहाँ हो। तुम मुझसे क्या चाहते हो?",
    "it": "Non sapevo che fossi qui. Che cosa vuoi da me?",
    "pt": "Eu não sabia que você estava aqui. O que você quer de mim?",
    "ca": "No sabia que eres aquí. Què vols de mi?",
    "de": "Ich wusste nicht, dass du hier bist. Was willst du von mir?",
    "nl": "Ik wist niet dat je hier was. Wat wil je van mij?",
    "pl": "Nie wiedziałem, że tu jesteś. Czego ode mnie chcesz?",
    "ro": "Nu știam că ești aici. Ce vrei de la mine?",
}


def sample_text(language: str) -> str:
    """Return a short text for trying a voice in a language; numerals for languages without one."""
    return _SENTENCES.get(language.lower().replace("_", "-").split("-")[0], "12, 345. 67?")


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
