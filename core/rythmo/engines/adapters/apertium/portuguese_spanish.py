"""Rules around Apertium's Portuguese to Spanish: simplify the Portuguese, then correct the Spanish.

The pair keeps every subject pronoun, reads "há algo" as a span of time, and omits the personal "a". Each rule
fixes a mistake seen in dialogue, is correct wherever it matches, and leaves other text alone. All functions
here are pure.
"""

from __future__ import annotations

import re

_VERB_AFTER = r"(?=(?:não |nunca |já |só |te |me |o |a )?(?!e\b|ou\b|mesm|também\b|sozinh)\w+)"
# In these tenses the first and third person look the same, so the pronoun has to stay.
_CLEAR = r"(?!(?:não |nunca |já |só |te |me |o |a )?\w+(?:ava|ia|asse|esse|isse|ria)\b)"
_PORTUGUESE = (
    (rf"\b(?:Eu|eu) {_CLEAR}{_VERB_AFTER}", ""),
    (rf"\b(?:Nós|nós) {_VERB_AFTER}", ""),
    (r"\b((?:[Oo] )?[Qq]ue|[Oo]nde|[Cc]omo|[Qq]uando|[Pp]or que|[Qq]uem) (?:você|vocês) ", r"\1 "),
    (r"\b([Tt])udo que\b", r"\1udo o que"),
    # "Pessoal" here addresses a group ("everyone"); the pair translates it as "staff".
    (r", pessoal\b", ", todos"),
)
_PEOPLE = (
    r"hij[oa]s?|madre|padres?|mam[áa]|pap[áa]|herman[oa]s?|amig[oa]s?|mujer|marido|espos[oa]|jef[ea]|abuel[oa]s?|"
    r"niñ[oa]s?|novi[oa]|tí[oa]s?|prim[oa]s?|compañer[oa]s?|gente|vecin[oa]s?"
)
_TAKES_PERSON = (
    r"vi|vio|viste|vimos|veo|ve|ves|ver|visto|conocí|conoció|conozco|conocer|conocido|encontré|encontró|encontrar|"
    r"busco|busca|buscar|llamé|llamó|llamar|ayudé|ayudó|ayudar|maté|mató|matar|amo|ama|amaba|escuché|oí|esperé"
)
# "Un" and "una" are left out: "hace una hora" means "an hour ago".
_SOME = r"algo|alguien|algún|alguna|nada|nadie"
_WHO = r"(?:mi|tu|su|nuestr[oa]|el|la|un|una)s?"
_SPANISH = (
    (rf"\b([Hh])ace (?=(?:{_SOME})\b(?! años?))", r"\1ay "),
    (r"\b([Uu])no (?=[a-záéíóúñ]{3,}\b)(?!que\b|por\b|tras\b|solo\b|con\b|para\b|más\b|menos\b)", r"\1n "),
    (r"\b([Bb])uena (noche|tarde)(?=[.,!?]|$)", r"\1uenas \2s"),
    (r"\b([Bb])uen día(?=[.,!?]|$)", r"\1uenos días"),
    (rf"\b((?i:{_TAKES_PERSON})) (?={_WHO} (?:{_PEOPLE})\b)", r"\1 a "),
    # A name, or the token that stands for a name during translation (stream.token, numbers from 2048).
    (rf"\b((?i:{_TAKES_PERSON})) (?=[A-ZÁÉÍÓÚÑ]\w|zqx[i-p])", r"\1 a "),
    (r"\b(tarde|temprano|lejos|cerca|rápido|lento|pronto|bien|mal|caro) demasiado\b", r"demasiado \1"),
    (r"\b([Ee])stoy yendo (?:para|a)\b", "voy a"),
    (r"\b([Ee])stás yendo (?:para|a)\b", "vas a"),
    (r"\b([Ee])stá yendo (?:para|a)\b", "va a"),
    (r"\b([Ee])stamos yendo (?:para|a)\b", "vamos a"),
    (r"\b([Ee])stán yendo (?:para|a)\b", "van a"),
    (r"\b(fue|fui|fuimos|fueron|voy|vas|va|vamos|van|ir) para casa\b", r"\1 a casa"),
    (r"\b([Nn])ecesit([ao]) de\b", r"\1ecesit\2"),
    (r"\b([Ee])s mismo\?", "en serio?"),
    (r"\b([Pp])or favor, se siente\b", r"\1or favor, siéntese"),
)


def ease_portuguese(text: str) -> str:
    """Rewrite a Portuguese line in words that the pair understands; capitals are kept."""
    out = text
    for pattern, better in _PORTUGUESE:
        out = re.sub(pattern, better, out)
    sentence = re.compile(r"(^|[.!?…]\s+)([a-zà-ú])")
    return sentence.sub(lambda m: m.group(1) + m.group(2).upper(), out) if text[:1].isupper() else out


def correct_from_portuguese(text: str) -> str:
    """Correct the mistakes that the pair always makes in its Spanish."""
    out = text
    for pattern, better in _SPANISH:
        out = re.sub(pattern, better, out)
    return out[:1].upper() + out[1:] if text[:1].isupper() else out
