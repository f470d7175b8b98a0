"""Set phrases of English dialogue in Brazilian Portuguese, which a small neural model translates word by
word.

The model was trained on web pages: "Excuse me." became "Me emcue.", "Shut up!" "Desligar-se!", "Have a seat."
"Tenha um assento." A phrase from this table is used when it is a whole clause; the model translates the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable

FORMULAS = {
    "excuse me": "com licença", "pardon me": "perdão", "sorry": "desculpe", "i'm sorry": "sinto muito",
    "i am sorry": "sinto muito", "i'm so sorry": "sinto muito", "never mind": "deixa pra lá",
    "hold on": "espere aí", "hang on": "espere aí", "hang on a second": "espere um segundo",
    "hold on a second": "espere um segundo", "wait": "espere", "shut up": "cale a boca",
    "be quiet": "fique quieto", "you're welcome": "de nada", "you are welcome": "de nada",
    "what's up": "e aí", "what's the matter": "qual é o problema", "what's wrong": "o que houve",
    "what is wrong": "o que houve", "what is the matter": "qual é o problema", "have a seat": "sente-se",
    "take a seat": "sente-se", "sit down": "sente-se", "come in": "entre", "come here": "venha cá",
    "no way": "de jeito nenhum", "of course": "claro", "of course not": "claro que não",
    "help me": "me ajude", "it's up to you": "você decide", "i mean it": "estou falando sério",
    "leave me alone": "me deixe em paz", "see you tomorrow": "até amanhã", "see you later": "até mais",
    "see you": "até logo", "bye": "tchau", "goodbye": "adeus", "cheers": "saúde", "guess what": "adivinhe só",
    "let's go": "vamos", "come on": "vamos", "get out of here": "saia daqui", "stop it": "pare com isso",
    "really": "é mesmo", "that's right": "isso mesmo", "all right": "tudo bem", "well": "bem",
    "sir": "senhor", "ma'am": "senhora", "madam": "senhora", "gentlemen": "senhores", "guys": "pessoal",
    "ladies and gentlemen": "senhoras e senhores", "everyone": "pessoal", "everybody": "pessoal",
    "my dear": "meu bem", "honey": "querida", "dude": "cara", "buddy": "amigo",
    "thank you very much": "muito obrigado", "thank you so much": "muito obrigado", "thank you": "obrigado",
    "thanks": "obrigado", "thanks a lot": "muito obrigado", "please": "por favor", "hurry up": "depressa",
    "watch out": "cuidado", "look out": "cuidado", "calm down": "calma", "go away": "vá embora",
    "forget it": "esquece", "give me a break": "me poupe", "you bet": "pode apostar", "damn it": "droga",
    "my god": "meu Deus", "oh my god": "meu Deus", "for god's sake": "pelo amor de Deus",
    "hello": "olá", "hi": "oi", "hey": "ei", "how are you doing": "como vai",
    "nice to meet you": "muito prazer",
    "bless you": "saúde", "cut it out": "pare com isso", "what the hell": "que diabos",
}  # fmt: skip
_CLAUSE = re.compile(r"\s*,\s*")
_END = re.compile(r"[.!?…]+[\"”')\]]*$")
_PLEASE = re.compile(r"^please\s+|\s+please$")


def translate_clauses(sentence: str, translate: Callable[[str], str]) -> str:
    """Translate a sentence: set phrases at its start and end from the table, the rest by `translate` as a
    whole."""
    end = _END.search(sentence)
    mark = end.group() if end else ""
    clauses = _CLAUSE.split(sentence[: len(sentence) - len(mark)].strip())
    first, last = 0, len(clauses)
    before: list[str] = []
    after: list[str] = []
    while first < last and (found := find_formula(clauses[first])):
        before.append(found)
        first += 1
    while last > first and (found := find_formula(clauses[last - 1])):
        after.insert(0, found)
        last -= 1
    middle = [translate(", ".join(clauses[first:last]) + (mark or "."))] if last > first else []
    if middle and not mark:
        middle = [middle[0].rstrip(".")]
    if middle and after:
        middle = [_END.sub("", middle[0])]
    if middle and before:
        middle = [_small_like(clauses[first], middle[0])]
    joined = ", ".join([*before, *middle, *after])
    whole = joined if _END.search(joined) else joined + mark
    return whole[:1].upper() + whole[1:] if sentence[:1].isupper() else whole


def has_formula(sentence: str) -> bool:
    """Return whether the first or the last clause of a sentence is a set phrase from the table."""
    clauses = _CLAUSE.split(_END.sub("", sentence.strip()))
    return bool(find_formula(clauses[0]) or find_formula(clauses[-1]))


def find_formula(clause: str) -> str:
    """Return the Portuguese for a clause that is a set phrase, with or without "please"; "" for any other."""
    plain = clause.strip().casefold().replace("\u2019", "'")
    if plain in FORMULAS:
        return FORMULAS[plain]
    polite = _PLEASE.sub("", plain)
    return f"por favor, {FORMULAS[polite]}" if polite != plain and polite in FORMULAS else ""


def _small_like(source: str, text: str) -> str:
    """Lower the first letter if the source has it so: after a set phrase, it doesn't begin a sentence."""
    return text[:1].lower() + text[1:] if source[:1].islower() else text
