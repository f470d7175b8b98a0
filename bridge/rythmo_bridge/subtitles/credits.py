"""Cues about those who made the subtitles, which nobody says: "Subtitles by ...", a site's address. Pure.

The words are those that open subtitle collections and recognisers (which learned from them) add.
"""

from __future__ import annotations

import re

_MOST_WORDS = 14
_SITES = re.compile(
    r"\b(?:open\W?subtitles|amara\.org|addic7ed|subscene|podnapisi|tvsubtitles|subdivx|yify|yts\.\w+|titlovi"
    r"|legendas\.tv|subswiki|subhd|napiprojekt|argenteam|dotsub|viki\.com|zimuku)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+\Z|[\w.+-]+@[\w-]+\.\w{2,}\Z", re.IGNORECASE)
_MADE_BY = re.compile(
    r"(?:©\s*(?:\d{4})?\s*)?(?:"
    r"(?:(?:subtitles?|captions?|subtitling|captioning|closed captions?|subs|translation|translated"
    r"|transcript|transcription|transcribed|synced|sync|synchroni[sz]ed|corrected|corrections|edited|ripped"
    r"|timing)(?:\s*(?:,|&|and|\+)\s*)?){1,4}\s+by:?\s+(?-i:[A-Z@\d]|the\s+[A-Z])"
    r"|sous-titr(?:es|age)\s+(?:par|réalisés?|de|:)|traduit par|traduction\s*(?:par|:)"
    r"|subt[íi]tul(?:os|ado)\s+(?:por|de|realizados?|hechos|:)|traducido por"
    r"|legendas?\s+(?:por|de|pela)\b|legendado por"
    r"|untertitel(?:ung)?\s+(?:von|im auftrag|der|des|:)|sottotitoli\s+(?:di|a cura|creati|e revisione|:)"
    r"|ondertitel(?:d|ing|s)\s+(?:door|:)|napisy\s+(?:przez|stworzone|:)|tekst(?:ing|et)\s+av\b"
    r"|undertekster? af\b|(?:субтитры|перевод)\s+(?:сделал|создавал|подготовил|выполнен)|редактор субтитров"
    r"|字幕(?:制作|由|组|組|志愿者|提供|by)|翻译[:：]|翻譯[:：]|ترجمة\s*[:：]"
    r")",
    re.IGNORECASE,
)


def is_credit(text: str) -> bool:
    """Tell whether a cue's words are a credit or an advertisement of subtitles, not what somebody says."""
    words = text.split()
    if not words or len(words) > _MOST_WORDS:
        return False
    bare = " ".join(words).strip(" -–—♪*[]()")
    return bool(_SITES.search(bare) or _ADDRESS.match(bare) or _MADE_BY.match(bare))
