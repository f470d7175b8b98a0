"""What stands in a subtitle and is not said: notes of sounds, of manner and of music. Pure.

Subtitles for the hard of hearing write "[door slams]", "(laughs) Good morning." and "♪ ... ♪". The words of a
line keep them, because its subtitles show them; what is translated and spoken is `strip_sound_notes` of them.
"""

from __future__ import annotations

import re

MUSIC = "♪♫♬♩🎵🎶"
# British subtitles mark songs with "#", which older character sets had instead of a note.
_SIGNS = re.compile(rf"[{MUSIC}]+|(?m:^(?:[-–—]\s*)?(?:#+|~+)(?=\s|$)|(?<=\s)(?:#+|~+)$)")
_QUICK = re.compile(rf"[\[(（【*#~{MUSIC}]")
_SQUARE = re.compile(r"\[[^\[\]]{1,120}\]|【[^【】]{1,120}】")
_STARS = re.compile(r"(?<![\w*])\*([^*\n]{2,60})\*(?![\w*])")
_ROUND = re.compile(r"\([^()]{1,120}\)|（[^（）]{1,120}）")
# A bracket that is never closed, up to the end.
_UNCLOSED = re.compile(r"[\[(（【]([^\[\]()（）【】\n]{2,40})\Z")
_LEAD = re.compile(r"[\s\-–—‐>»¿¡\"“♪♫#]*\Z")
_SENTENCE_END = ".!?…。！？؟"

# Beginnings of words for sounds and manners, as subtitles in these languages use them.
_SOUNDS = re.compile(
    r"\b(?:laugh|chuckl|giggl|sigh|sob|cry|cries|weep|cough|gasp|groan|moan|grunt|scream|shout|yell|whisper"
    r"|mutter|murmur|mumbl|sniff|snor|sneez|yawn|breath|pant|exhal|inhal|clears|hum(?:s|ming)?\b|whistl|sing|applau|cheer"
    r"|chatter|music|song|theme|door|phone|bell\b|ring(?:s|ing)?\b|knock|bang|slam|crash|thud|gun|shot|explo|siren|engine|car\b"
    r"|horn|wind\b|rain\b|thunder|footstep|dog\b|bark|bird|silence|inaudible|indistinct|unintelligible|foreign|speak"
    r"|in [A-Z][a-z]+$|on phone|over radio|on tv|continues|stops|beep|click|static|crowd|clap|both$|all$"
    r"|off.?screen|o\.s\.|v\.o\.|narrat|voice.?over|thinking|sarcastic|angrily|softly|loudly|quietly"
    r"|ris[ae]s?|r[íi]e|ri[ée]ndo|suspir|susurr|llor|grit|tos|jade|gim|m[úu]sica|canci|portazo|puerta|tel[ée]fono"
    r"|timbre|golpe|disparo|aplauso|ladr|pasos|murmull|silencio|en ingl|en franc|en espa|cantando|voz"
    r"|rire|rit\b|soupir|chuchot|murmur|pleur|sanglot|cri[es]?\b|tousse|musique|porte|t[ée]l[ée]phone|sonn"
    r"|lacht|lachen|seufz|fl[üu]ster|wein|schrei|hust|musik|t[üu]r|telefon|klopf|st[öo]hn|beifall|applaus"
    r"|rid[eo]|sospir|sussurr|piang|url|toss|musica|porta|ris[oa]|risad|choro|grito|sussurr|tosse"
    r"|смеет|смех|вздых|шеп|плач|крич|музык|кашл|стук|звон|笑|叹|歎|哭|咳|音乐|音楽|ため息|泣|拍手|電話|ドア|歌|哼|喘)",
    re.IGNORECASE,
)


def strip_sound_notes(text: str) -> str:
    """Return the words of a text that are said: without notes of sounds and manners and without signs of
    music."""
    if not _QUICK.search(text):
        return text
    text = _SQUARE.sub(" ", text)
    text = _STARS.sub(lambda match: " " if _is_starred_sound(match) else match.group(1), text)
    text = _ROUND.sub(lambda match: " " if _is_aside(match) else match.group(), text)
    text = _UNCLOSED.sub(lambda match: " " if names_sound(match.group(1)) else match.group(), text)
    text = _SIGNS.sub(" ", text)
    return "\n".join(_tidy_line(line) for line in text.split("\n") if _tidy_line(line))


def find_sound_notes(text: str) -> tuple[str, ...]:
    """Return the notes of a text, with their brackets, in order."""
    found = [(match.start(), match.group()) for match in _SQUARE.finditer(text)]
    found += [(match.start(), match.group()) for match in _STARS.finditer(text) if _is_starred_sound(match)]
    found += [(match.start(), match.group()) for match in _ROUND.finditer(text) if _is_aside(match)]
    return tuple(note for _, note in sorted(found))


def leading_notes(text: str) -> str:
    """The notes before the first words of a line, with the spaces after them; "" where there are none."""
    at = 0
    while match := (_SQUARE.match(text, at) or _ROUND.match(text, at)):
        inside = match.group()[1:-1].strip()
        if not names_sound(inside):
            break
        at = match.end() + len(text[match.end() :]) - len(text[match.end() :].lstrip())
    return text[:at] if at < len(text) else ""


def is_sung(text: str) -> bool:
    """Tell whether a text with words in it is marked as sung."""
    return bool(_SIGNS.search(text)) and bool(strip_sound_notes(text))


def names_sound(text: str) -> bool:
    """Tell whether the words in a bracket are those of a sound or a manner ("door slams", "WHISPERING")."""
    words = text.split()
    capitals = text.isupper() and any(c.isalpha() for c in text)
    manner = capitals and bool(re.search(r"(?:ING|ANDO|IENDO|ENDO|LY)\b", text))
    # "DOOR SLAMS", "CROWD CHEERS": a thing and what it does.
    does = capitals and len(words) > 1 and words[-1].endswith("S") and not words[-1].endswith("SS")
    return manner or does or bool(_SOUNDS.search(text))


def _is_starred_sound(match: re.Match[str]) -> bool:
    """Whether asterisks hold a sound, not a word with stress: "*sighs*", but not "I *said* no"."""
    alone = not match.string[: match.start()].strip(" -–—") and not match.string[match.end() :].strip(" .")
    return alone or names_sound(match.group(1))


def _is_aside(match: re.Match[str]) -> bool:
    """Tell whether round brackets hold a note: alone on a line, before the words, in capitals, or a sound's
    name.

    Elsewhere they hold words that are said: "at 10:30 (half past ten)".
    """
    inside = match.group()[1:-1].strip()
    if not any(c.isalpha() for c in inside):
        return False
    line_start = match.string.rfind("\n", 0, match.start()) + 1
    line_end = match.string.find("\n", match.end())
    before = match.string[line_start : match.start()]
    after = match.string[match.end() : line_end if line_end >= 0 else None]
    sentence = inside[-1] in _SENTENCE_END and len(inside.split()) > 2
    if sentence:
        return False
    if names_sound(inside) and len(inside.split()) <= 6 and not inside.istitle():
        return True
    alone = not after.strip(" -–—♪♫.:") and bool(_LEAD.match(before))
    leading = bool(_LEAD.match(before)) and len(inside.split()) <= 5 and not before.strip("> -–—‐♪♫")
    return alone or leading or (inside.isupper() and len(inside) > 1)


def _tidy_line(line: str) -> str:
    """Return a line after something was taken out: no space twice, none before punctuation, no colon that
    stood after it."""
    line = re.sub(r"\s+([,.;:!?…。、，！？])", r"\1", " ".join(line.split()))
    line = re.sub(r"^[:：](?:\s+|(?<=：))", "", line)
    return line if any(c.isalnum() for c in line) else ""
