"""The sentences by which voices are tried, in each language. Pure."""

from __future__ import annotations

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
