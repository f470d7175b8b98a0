"""Rules around Apertium's English to Spanish for dialogue: simplify the English, then correct the Spanish.

The pair was written for news and encyclopaedias. It takes imperatives for the first person ("Give me" became
"Me doy"), translates set phrases word by word, and leaves "I" in English when the subject follows a noun.
Each rule fixes a mistake seen in 60 lines of dialogue, is correct wherever it matches, and leaves other text
alone. All functions here are pure.
"""

from __future__ import annotations

import re

_START = r"(?:^|(?<=[.!?,;:] )|(?<=[\"(]))"
_HERE = r"(?![\w'])"

# Set phrases that mean the same anywhere in a sentence.
_ANYWHERE = {
    r"please": "por favor",
    r"of course not": "claro que no",
    r"of course": "por supuesto",
    r"I(?:'m| am) (?:so |very )?sorry": "lo siento",
    r"what(?:'s| is) the matter": "qué pasa",
    r"what(?:'s| is) wrong": "qué pasa",
    r"you(?:'re| are) right": "tienes razón",
    r"he(?:'s| is) right": "él tiene razón",
    r"she(?:'s| is) right": "ella tiene razón",
    r"I was wrong": "me equivoqué",
    r"are you (?:all right|okay|ok)": "estás bien",
    r"what (?:are you|you're) talking about": "de qué estás hablando",
    r"what I meant": "lo que quería decir",
    r"what I mean": "lo que quiero decir",
    r"what do you mean": "qué quieres decir",
    r"who(?:'s| is) there": "quién está ahí",
    r"you(?:'re| are) welcome": "de nada",
    r"if I were you": "yo que tú",
    r"good night": "buenas noches",
    r"I (?:do not|don't) know": "no sé",
    r"all right": "de acuerdo",
}
# Commands, matched only at the start: inside a sentence the words can mean something else ("you can sit
# down").
_AT_START = {
    r"come on": "vamos",
    r"let's go": "vámonos",
    r"let's get out of here": "salgamos de aquí",
    r"let's": "vamos a",
    r"shut up": "cállate",
    r"be quiet": "cállate",
    r"hurry up": "date prisa",
    r"sit down": "siéntate",
    r"stand up": "levántate",
    r"come here": "ven aquí",
    r"come in": "adelante",
    r"go away": "vete",
    r"get out": "fuera",
    r"hold on": "espera",
    r"wait": "espera",
    r"look at me": "mírame",
    r"listen to me": "escúchame",
    r"trust me": "confía en mí",
    r"help me": "ayúdame",
    r"leave me alone": "déjame en paz",
    r"give me": "dame",
    r"tell me": "dime",
    r"don't move": "no te muevas",
    r"don't worry": "no te preocupes",
    # Before a full stop the pair reads "no" as "number", which is right only for "No. 5".
    r"no(?=[.!?,]|$)(?!\. ?\d)": "no",
}
# Titles, which are followed by a name: without this rule "Doctor Smith" became "Herrero de Doctor".
_TITLES = (
    "Mr", "Mrs", "Ms", "Miss", "Doctor", "Dr", "Professor", "Captain", "Inspector", "Sergeant", "Colonel",
    "Uncle", "Aunt", "Mr.", "Mrs.", "Ms.", "Dr.",
)  # fmt: skip
_BEING = {
    "soy": "estoy", "eres": "estás", "es": "está", "somos": "estamos", "son": "están", "era": "estaba",
    "eras": "estabas", "éramos": "estábamos", "eran": "estaban", "fui": "estuve", "fue": "estuvo",
    "fueron": "estuvieron", "sido": "estado", "seré": "estaré", "será": "estará", "serán": "estarán",
    "ser": "estar",
}  # fmt: skip


def _compiled() -> tuple[tuple[re.Pattern[str], str], ...]:
    anywhere = [(rf"(?<![\w']){english}{_HERE}", spanish) for english, spanish in _ANYWHERE.items()]
    first = [(rf"{_START}{english}{_HERE}", spanish) for english, spanish in _AT_START.items()]
    named = [
        (re.compile(rf"(?<=\b{re.escape(title)} )[A-Z][a-z]+(?:-[A-Z][a-z]+)?\b"), r"\g<0>")
        for title in _TITLES
    ]
    rules = [(re.compile(english, re.IGNORECASE), spanish) for english, spanish in (*first, *anywhere)]
    return (*named, *rules)


FORMULAS = _compiled()
"""English pattern -> Spanish; earlier ones win."""

_ENGLISH = (
    # The pair recognises the relative clause only when it begins with "that".
    (
        r"\b((?:some|any|every|no)(?:thing|one|body)|the (?:thing|way|day|man)) (I|you|he|she|we|they)\b",
        r"\1 that \2",
    ),
    # Without this, "about" is translated as "approximately".
    (r"\babout (it|this|that|him|her|them|me|you|us)\b", r"of \1"),
    (r"\b([Ww])ho's\b", r"\1ho is"),
)  # fmt: skip
_SPANISH = (
    (r"\bI\b(?= [a-záéíóúñ])", "yo"),
    (r"\bLosiento\b", "Lo siento"),
    (r"\blosiento\b", "lo siento"),
    # "You" in dialogue is mostly one person, and the pair's verbs already use tú.
    (r"\bvuestr[oa]\b", "tu"),
    (r"\bvuestr[oa]s\b", "tus"),
    (r"\bVuestr[oa]\b", "Tu"),
    (r"\bVuestr[oa]s\b", "Tus"),
    (r"\b(en|a|de|con|que|la|el) \1\b", r"\1"),
    (r"\b([Nn]o [^.?!]*?)cualquier cosa\b", r"\1nada"),
    (r"\b([Nn]o [^.?!]*?)cualquiera\b", r"\1nadie"),
    (r" aproximadamente(?= (?:el|la|los|las|una?|un[ao]s|mis?|tus?|sus?|est[ea]|es[ao]|esto)\b)", " sobre"),
    (r" aproximadamente(?=[.,;!?]|$)", ""),
    (r"\b([Vv]amos|[Vv]ámonos|[Vv]oy|[Vv]as|[Vv]a|[Vv]an|[Ii]r|[Vv]olver|[Vv]uelve) casa\b", r"\1 a casa"),
    (r"\bAquello\b", "Eso"),
    (r"\baquello\b", "eso"),
)  # fmt: skip
_GERUND = re.compile(rf"\b({'|'.join(_BEING)}) (?=\w+[aei]ndo\b)", re.IGNORECASE)


def ease_english(english: str) -> str:
    """Rewrite an English line in words that the pair understands."""
    for pattern, better in _ENGLISH:
        english = re.sub(pattern, better, english)
    return english


def correct_from_english(spanish: str) -> str:
    """Correct the mistakes that the pair always makes in its Spanish."""
    for pattern, better in _SPANISH:
        spanish = re.sub(pattern, better, spanish)
    return _GERUND.sub(_to_be, spanish)


def _to_be(match: re.Match[str]) -> str:
    """Replace ser by estar: the Spanish progressive never takes ser."""
    word = match.group(1)
    better = _BEING[word.lower()]
    return (better.capitalize() if word[0].isupper() else better) + " "
