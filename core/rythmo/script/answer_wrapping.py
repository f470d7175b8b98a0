"""Takes off what language models put around a translation, so that only the words remain. Pure.

Models answer a request for one line with a greeting, a label, the original beside the translation, a second
suggestion, a note, or marks of their own format. Each rule looks at the original too: what it has itself is
kept.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache

from rythmo.languages import language_names

_PASSES = 4
_TOKENS = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>|<\|[^|<>\n]{1,40}\|>|</?s>|\[/?INST\]", re.DOTALL)
_FENCE = re.compile(r"\A```[\w-]*[ \t]*\n?(.*?)\n?```\Z", re.DOTALL)
_TAG = re.compile(
    r"</?(?:b|i|u|em|strong|p|br|span|translation|text|target|output)\b[^<>\n]*>", re.IGNORECASE
)
_TRANSLATION = (
    r"(?<!\w)(?:translat|traducci[óo]n|traducid|traduction|traduit|übersetz|traduzion|tradott|tradu[çc][ãa]o"
    r"|traduzid|vertaling|tłumaczeni|översättning|oversettelse|перев[оеё]д|переклад|번역|ترجمة|अनुवाद)\w*"
    r"|翻译|翻譯|译文|譯文|訳"
)
_GREETING = r"[¡¿]?[^\W\d_][\w ,]{0,24}[!.,:！，]\s+"
# A greeting and a sentence that speaks of a translation, up to its colon; or the name of what follows.
_LEAD = re.compile(
    rf"\A(?:{_GREETING})?[^:：\n!?.]{{0,50}}?(?:{_TRANSLATION})[^:：\n!?]{{0,60}}?[:：]\s*"
    r"|\A\[(?:translation|traducci[óo]n|traduction|tradução)\]\s*[:：]?\s*"
    r"|\A(?:sure|certainly|of course|claro|por supuesto|bien s[ûu]r|natürlich|certo)\b"
    r"(?:[^:：\n]{0,40}\b(?:here|there you|aqu[ií]|voici|voilà|hier|ecco)\b[^:：\n]{0,40}|[!,.]?)[:：]\s*"
    r"|\A(?:line|cue|subtitle|output|answer|response|result|assistant|option|suggestion)\s*\d{0,4}\s*[:：]\s*",
    re.IGNORECASE,
)
_PEOPLE_SAY = re.compile(
    rf"{_TRANSLATION}|(?<!\w)(?:sure|certainly|of course|line|answer|option)(?!\w)", re.IGNORECASE
)
_LIST_MARK = re.compile(r"\A(?:\d{1,3}[.)]|[-*•>]|#{1,6})\s+(?=\S)")
_DASH = re.compile(r"\A\s*[-–—•>*#\d]")
_STARS = re.compile(r"\A([*_`]{1,3})(?=\S)(.*\S)\1\Z", re.DOTALL)
_CHATTER = (
    r"let me know|(?:i )?hope (?:this|that|it)|feel free|is there anything|would you like"
    r"|do you (?:want|need)|if you (?:need|want|have|would|prefer)"
    r"|note(?: that|:| ?\()|(?:translator'?s? )?note\s*[:：]"
    r"|explanation|alternativ\w*|option \d"
    r"|this (?:translation|keeps|preserves|means|version|line)|here,? (?:the|i)"
    r"|literal(?:ly| translation)?\s*[:：]"
    r"|¿?necesitas|¿?quieres que|si necesitas|si quieres|espero que|nota(?: del traductor)?\s*[:：]"
    r"|explicaci[óo]n\s*[:：]|n['’]hésite|si vous|j['’]espère|note du traducteur|remarque\s*[:：]"
    r"|lassen sie|wenn sie|ich hoffe|anmerkung|hinweis\s*[:：]"
    r"|se precisar|espero ter|se hai bisogno|spero|примечание|если |надеюсь|注[:：]|希望|如果"
    r"|---+|\*\*\*+|___+"
)
_TAIL_LINES = re.compile(rf"\s*\n+\s*[*_(\[]{{0,2}}(?:{_CHATTER}).*\Z", re.IGNORECASE | re.DOTALL)
_TAIL_NOTE = re.compile(
    r"\s*(?:(?<=[.!?…\"”»)])\s*|\s(?=[(\[]))[(\[]?"
    r"(?:note|translator'?s? note|explanation|literally|nota(?: del traductor)?|note du traducteur|remarque"
    r"|anmerkung|hinweis|nota del traduttore|примечание|注)\s*[:：].*\Z",
    re.IGNORECASE | re.DOTALL,
)
_COUNTED = r"words?|characters?|chars?|letters?|syllables?|palabras|caracteres|sílabas|mots|w[öo]rter"
_TAIL_BRACKET = re.compile(
    rf"\s*[(\[（](?:\d+\s*(?:{_COUNTED})|or|o|ou|oder|also|alternativ\w*|literal\w*|lit\.?|wörtlich"
    r"|literalmente|littéralement|formal|informal)(?![\w])[^()\[\]（）]*[)\]）]\s*\Z",
    re.IGNORECASE,
)
_TAIL_COMMENT = re.compile(
    r"\A([\"“«].{1,400}[\"”»])\s*[—–-]\s*(?:this|that|which|it|here|keep|mean|esto|esta|que|ce|das|dies)\b.*\Z",
    re.IGNORECASE | re.DOTALL,
)
_LABEL = re.compile(
    r"\A(?:\[([^\]\n]{1,30})\]|\(([^)\n]{1,30})\)|<([^>\n]{1,30})>"
    r"|([^\W\d_][\w .'-]{0,29}?)(?:\s*\([^()\n]{1,30}\))?)"
    r"\s*([:：]|[—–-](?=\s)|(?<=[\])>])(?=\s))\s*(?=\S)"
)
_LANGUAGE = re.compile(
    r"(?:in\s+)?([^\W\d_][\w -]{1,24}?)\s*(?:\([^()\n]{1,20}\)\s*)?[:：]\s*(?=\S)", re.IGNORECASE
)
_QUOTES = (
    ("“", "”"), ('"', '"'), ("«", "»"), ("„", "“"), ("„", "”"), ("‘", "’"), ("'", "'"),
    ("「", "」"), ("『", "』"), ("`", "`"),
)  # fmt: skip
_OPENING = tuple(first for first, _ in _QUOTES)
_OWN_NAMES = (
    "español castellano français deutsch italiano português русский українська polski nederlands svenska"
    " norsk dansk suomi čeština türkçe ελληνικά العربية עברית हिन्दी 中文 日本語 한국어 català galego euskara"
)


def strip_wrapping(text: str, original: str = "", speakers: Sequence[str] = ()) -> str:
    """Return the translation alone, out of a model's answer for one line.

    Greetings, leads, labels of languages and of `speakers`, the original repeated, second suggestions, notes,
    quotation marks and marks of formats are taken off, as far as the original has none of them.
    """
    names = frozenset(name.casefold() for name in speakers if name)
    text = text.strip()
    rules: tuple[Callable[[str, str], str], ...] = (
        _without_tokens,
        _without_original,
        _without_lead,
        _without_language,
        lambda answer, line: _without_label(answer, line, names),
        _without_marks,
        _without_tail,
        _without_second,
        _without_quotes,
    )
    for _ in range(_PASSES):
        before = text
        for rule in rules:
            text = rule(text, original).strip() or text
        if text == before:
            break
    return text


def find_chatter(text: str, original: str = "") -> str:
    """Return a model's own words in a translation, such as its greeting or note; "" where there are none.

    These are the surest of the rules. Marks, quotation marks and labels are not looked at: people write
    them too.
    """
    # Two lines of a subtitle are one text.
    text = re.sub(r"(?<!\n)\n(?!\n)", " ", text.strip())
    for rule in (_without_lead, _without_tail):
        rest = rule(text, original).strip()
        if rest and rest != text:
            return text.replace(rest, "", 1).strip()
    return ""


def _without_tokens(text: str, original: str) -> str:
    """Take off thoughts, special tokens, fences, tags and JSON around the words."""
    if "<" in text or "[" in text:
        text = _TOKENS.sub("", text).strip()
        if "<" not in original:
            text = _TAG.sub("", text).strip()
    fence = _FENCE.match(text)
    if fence:
        return fence.group(1)
    if text.startswith("{") and text.endswith("}"):
        try:
            value = json.loads(text)
        except ValueError:
            return text
        texts = [each for each in value.values() if isinstance(each, str)]
        return texts[0] if len(texts) == 1 else text
    return text


def _without_original(text: str, original: str) -> str:
    """Take off the original where the answer repeats it before the translation."""
    said = original.strip()
    if len(said) < 3:
        return text
    label, between = r"(?:[^\W\d_][\w ()-]{1,24}[:：]\s*)?", r"\s*(?:->|=>|→|=|\n+|[:：|—–])\s*"
    match = re.match(rf"{label}[\"“«]?{re.escape(said)}[\"”»]?{between}(?=\S)", text, re.IGNORECASE)
    return text[match.end() :] if match else text


def _without_lead(text: str, original: str) -> str:
    lead = _LEAD.match(text)
    # People in films speak of translations, too; and "Right, listen: ..." is a lead of their own.
    if not lead or _PEOPLE_SAY.search(original):
        return text
    is_theirs = re.search(r"[:：]", original) and not re.search(_TRANSLATION, lead.group(), re.IGNORECASE)
    return text if is_theirs else text[lead.end() :]


def _without_language(text: str, original: str) -> str:
    """Take off "Spanish:", "In Spanish:", "ES:", "Español:"."""
    match = _LANGUAGE.match(text)
    if not match:
        return text
    name = match.group(1).strip()
    code = re.fullmatch(r"([A-Z]{2})(?:-[A-Za-z]{2})?|([a-z]{2})-[A-Z]{2}", name)
    is_language = name.casefold() in _all_names() or (
        code is not None and (code.group(1) or code.group(2)).lower() in language_names()
    )
    return text[match.end() :] if is_language and not original.startswith(name) else text


@cache
def _all_names() -> frozenset[str]:
    named = {name.casefold() for name in language_names().values()}
    return frozenset(named | {f"brazilian {name}" for name in named} | {*_OWN_NAMES.split()})


def _without_label(text: str, original: str, names: frozenset[str]) -> str:
    label = _LABEL.match(text)
    if not label or _LABEL.match(original):
        return text
    name = next(group for group in label.groups()[:4] if group is not None)
    return text[label.end() :] if name.casefold().strip() in names else text


def _without_marks(text: str, original: str) -> str:
    """Take off Markdown, list marks and pictograms at the end."""
    if "**" in text and "**" not in original:
        text = text.replace("**", "")
    stars = _STARS.match(text)
    if stars and stars.group(1) not in original and stars.group(1) not in stars.group(2):
        text = stars.group(2)
    if not _DASH.match(original):
        text = _LIST_MARK.sub("", text)
    if not _is_pictured(original):
        while text and _is_pictured(text[-1]):
            text = text[:-1].rstrip()
    return text


def _is_pictured(text: str) -> bool:
    return any((unicodedata.category(c) == "So" and c not in "♪♫♬♩°©®™") or c == "\ufe0f" for c in text)


def _without_tail(text: str, original: str) -> str:
    if not _TAIL_NOTE.search(original):
        text = _TAIL_NOTE.sub("", text)
    if "\n" not in original.strip():
        text = _TAIL_LINES.sub("", text)
        text = re.split(r"\n\s*\n", text, maxsplit=1)[0]
    if not original.rstrip().endswith((")", "]", "）")):
        text = _TAIL_BRACKET.sub("", text)
    comment = _TAIL_COMMENT.match(text)
    return comment.group(1) if comment and not original.startswith(_OPENING) else text


def _without_second(text: str, original: str) -> str:
    """Keep the first of two suggestions, as in "Buenos días. / Buen día."."""
    parts = re.split(r"\s+/\s+|\s*\n\s*(?=or[:,]?\s|o bien|ou )", text)
    if len(parts) != 2 or "/" in original:
        return text
    shorter, longer = sorted(map(len, parts))
    return parts[0] if 2 * shorter >= longer else text


def _without_quotes(text: str, original: str) -> str:
    for first, last in _QUOTES:
        inner = text[len(first) : -len(last)]
        around = len(text) > 2 and text.startswith(first) and text.endswith(last)
        if around and first not in inner and last not in inner and not original.lstrip().startswith(_OPENING):
            return inner
    return text
