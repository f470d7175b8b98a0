"""Opening marks (¿ ¡) of Spanish sentences, and the accents of question words."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[^.!?…]*[.!?…]+[\"”»)\]]*\s*|[^.!?…]+$")
_CLOSING = re.compile(r"([?!])[?!]*([\"”»)\]]*)\s*$")
_ASKS = {
    "que": "qué", "quien": "quién", "quienes": "quiénes", "como": "cómo", "cuando": "cuándo",
    "donde": "dónde", "adonde": "adónde", "cual": "cuál", "cuales": "cuáles", "cuanto": "cuánto",
    "cuanta": "cuánta", "cuantos": "cuántos", "cuantas": "cuántas",
}  # fmt: skip
_PREPOSITIONS = "a|con|de|desde|en|hacia|hasta|para|por|sobre"
_WORDS = "|".join([*_ASKS, *_ASKS.values()])
_QUESTION = re.compile(rf"(?:(?:{_PREPOSITIONS})\s+)?(?:lo\s+)?({_WORDS})\b", re.IGNORECASE)


def mark_sentences(text: str) -> str:
    """Add the opening ¿ or ¡ to each sentence that ends in ? or !."""
    sentences = _SENTENCE.findall(text)
    return "".join(map(_mark_one, sentences)) if "".join(sentences) == text else text


def _mark_one(sentence: str) -> str:
    closing = _CLOSING.search(sentence)
    if closing is None or "¿" in sentence or "¡" in sentence:
        return sentence
    # A mark that closes inside a quotation also opens inside it.
    quote = max(sentence.rfind(mark, 0, closing.start()) for mark in '"“«(') if closing.group(2) else -1
    head, tail = sentence[: quote + 1], sentence[quote + 1 :]
    start = _start_of_question(tail) if closing.group(1) == "?" else 0
    lead, asked = tail[:start], tail[start:]
    if closing.group(1) == "?":
        asked = _with_question_word(asked)
    opening = "¿" if closing.group(1) == "?" else "¡"
    return head + lead + re.sub(r"\w", lambda match: opening + match.group(), asked, count=1)


def _start_of_question(sentence: str) -> int:
    """Return the position where the question begins.

    It begins after an opening word or an address when a question word follows the comma ("Entonces, ¿qué
    tienes ahí?"), else at the start.
    """
    for comma in re.finditer(r",\s+", sentence):
        if _QUESTION.match(sentence, comma.end()):
            return comma.end()
    return 0


def _with_question_word(question: str) -> str:
    """Accent the question word, and drop the article that comes from Portuguese ("o que" is "qué", not "lo
    que")."""
    indent = len(question) - len(question.lstrip())
    match = _QUESTION.match(question, indent)
    if match is None:
        return question
    word = match.group(1)
    accented = _ASKS.get(word.lower(), word.lower())
    before = re.sub(r"\blo\s+$", "", question[indent : match.start(1)], flags=re.IGNORECASE)
    if question[indent].isupper():
        whole = before + accented
        return question[:indent] + whole[:1].upper() + whole[1:] + question[match.end(1) :]
    return question[:indent] + before + accented + question[match.end(1) :]
