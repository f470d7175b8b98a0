"""Finds who says what in a cue: labels before the words, and dashes where several people speak. Pure.

Context decides what is a label: `ANNA: Come in.` in capitals, a name that recurs, or one of the cast.
"Remember: ..." and "[door slams]" are not labels.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from rythmo.script.sound_notes import leading_notes, names_sound, strip_sound_notes
from rythmo_bridge.subtitles.cue_text import separate_voices, voice_label


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# "2ND MAN" and "1ER HOMME" begin with an ordinal; "10:30" and "5 people" are no names.
_ORDINAL = r"(?:\d{1,2}(?:ST|ND|RD|TH|ER|RE|E|DO|TO|TE|º|ª|°|\.)\s)?"
# Vowels and other marks of scripts whose words are not of letters alone (Thai, the scripts of India ...).
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963"
    "\u0981-\u0983\u09bc-\u09cd\u0a01-\u0a03\u0a3c-\u0a4d\u0a81-\u0a83\u0abc-\u0acd\u0b82\u0bbe-\u0bcd\u0c00-\u0c04\u0c3e-\u0c4d"
    "\u0c81-\u0c83\u0cbc-\u0ccd\u0d00-\u0d03\u0d3e-\u0d4d\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd"
    "\u102b-\u103e\u17b6-\u17d3\u200c\u200d"
)
_PART = rf"\w{_MARKS} .'’"
_NAME = (
    rf"{_ORDINAL}[^\W\d_][{_PART}&/\-#]{{0,30}}?"
    rf"|{_ORDINAL}[^\W\d_][{_PART}\-#]{{0,24}}?\s*(?:\([^()\n]{{1,40}}\)|\[[^\[\]\n]{{1,40}}\])"
)
# A manner of speaking after a comma, in small letters.
_MANNER = rf"(?:,\s[^\W\d_A-ZÀ-Þ][{_PART}]{{1,30}})?"
_COLON = re.compile(rf"((?:{_NAME}){_MANNER})\s?[:：](?:\s+|$|(?<=：))")
# Screenplays leave the colon out: "ANNA (O.S.) Come in!"
_OFF_SCREEN = r"V\.?\s?O|O\.?\s?[SC]|CONT['’]?D|CONTINUED|OFF|VOZ EN OFF"
_SCREENPLAY = re.compile(rf"([^\W\d_][{_PART}\-#]{{0,24}}?\s*\((?:{_OFF_SCREEN})\.?\))\s+")
_ANGLES = re.compile(rf"<\s*({_NAME})\s*>\s*:?\s*")
# Another person's label inside a line: "ANNA: Where? BEN: There."
_INLINE = re.compile(rf"(?<=[.!?…。！？\"”»])\s+(?=({_NAME})\s?[:：](?:\s|$|(?<=：)))")
_BRACKET = re.compile(rf"[\[【]\s*({_NAME})\s*[\]】]\s*[:：]?\s*")
_PAREN = re.compile(rf"[(（]\s*({_NAME})\s*[)）]\s*[:：]?\s*")
_LABELS = (
    ("bracket", _BRACKET),
    ("paren", _PAREN),
    ("angles", _ANGLES),
    ("colon", _COLON),
    ("colon", _SCREENPLAY),
)
_DASH = re.compile(r"(?:[-–—‐−]{1,2}|[•●]|>>+|»(?=\s*\S[^»]*$))\s*")
_MINUS = re.compile(r"[-−–](?=[.,]?[\d$€£])")
_INLINE_DASH = re.compile(r"(?<=[.!?…。！？\"”»])\s+[-–—‐]\s+")
# Without spaces after the dashes, as in "-Who? -Me.", the line itself begins with one.
_INLINE_PAIR = re.compile(r"(?<=[.!?…。！？\"”»])\s+[-–—‐](?=\w|[¿¡\"“])\s*")
_SENTENCE_ENDS = ".!?…。！？"
_ENOUGH_WORDS = 8
# Words before a colon that never name a person, however often they recur.
_NO_NAMES = _words(
    """
    remember listen look note wait question answer warning attention first second third finally example result
    conclusion point problem truth fact thing rule reason advice tip step day part chapter episode scene act
    subject date time place address phone price total ps p.s nota ojo recuerda recuerden escucha mira pregunta
    respuesta atención primero segundo ejemplo resultado remarque attention écoute réponse rappel exemple
    achtung hinweis frage antwort merke beispiel attenzione domanda risposta esempio atenção pergunta resposta
    внимание вопрос ответ помни например важно предупреждение глава часть примечание
    caution danger notice important tip reminder update breaking news headline headlines location source
    today tomorrow yesterday tonight now later then also plus monday tuesday wednesday thursday friday
    saturday sunday title author password username email website url tel fax re fwd cc ps nb fyi psa
    qed tldr http
    https mission objective status results summary verdict conclusion score total final version file warnings
    capítulo parte advertencia importante peligro aviso hoy mañana ayer título resumen resultados fecha lugar
    chapitre partie avertissement danger important aujourd'hui demain hier conseil titre
    kapitel teil warnung vorsicht wichtig heute morgen gestern titel
    capitolo avviso pericolo oggi domani ieri titolo capítulo perigo cuidado aviso hoje amanhã ontem
    注意 注 警告 提示 重要 问题 答案 例 例如 問題 答え ヒント
    """
)
_HEADING_WORDS = _words(
    "today tomorrow tonight chapter capítulo chapitre kapitel capitolo глава warning caution"
)
_JOINING = _words("and y e et und и і og och en ve & + / la le de del da do der die das von van the of")
# Small letters that belong to names in capitals: "McCLANE", "MacGREGOR", "DeVITO", "GROßMUTTER".
_SMALL_PARTS = re.compile(r"\b(?:Mc|Mac|De|Di|Du|La|Le|Van|Von|O[’'])(?=[A-ZÀ-Þ])|ß")


@dataclass(frozen=True, slots=True)
class Speech:
    """What one person says in a cue.

    `name` is None if the file does not say who. `share` is the part of the cue's time that it takes, as
    (from, to) of its letters.
    """

    name: str | None
    text: str
    share: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class SpeakerNames:
    """The labels of one file, normalised for comparison."""

    known: frozenset[str]

    def __contains__(self, name: str) -> bool:
        return _folded(name) in self.known


def find_names(texts: Iterable[str], cast: Collection[str] = ()) -> SpeakerNames:
    """Return the labels that name people in a file whose cues are `texts`, without markup.

    `cast` are names that are known.
    """
    colons: Counter[str] = Counter()
    brackets: Counter[str] = Counter()
    inner: Counter[str] = Counter()
    texts = list(texts)
    # In a file in capitals they mean nothing.
    capitals = not _is_in_capitals(texts)
    for text in texts:
        for line in text.split("\n"):
            words = _strip_dash(line)
            for kind, name, _ in _candidates(words[len(leading_notes(words)) :]):
                (colons if kind == "colon" else brackets)[name] += 1
            inner.update(name for _, name in _inner_labels(line))
    colons.update({name: count for name, count in inner.items() if capitals and _in_capitals(name)})
    repeated = Counter[str]()
    for name, count in (*colons.items(), *brackets.items(), *inner.items()):
        repeated[_folded(name)] += count
    known = {_folded(name) for name in cast}
    again = {name for name, count in repeated.items() if count > 1}
    known |= {_folded(name) for name in colons if _is_label(name, again, capitals)}
    known |= {_folded(name) for name in brackets if _is_bracketed_label(name, again, capitals)}
    return SpeakerNames(frozenset(known))


def _is_label(name: str, repeated: Collection[str], capitals: bool) -> bool:  # noqa: FBT001 - of one file
    """Whether what stands before a colon names a person."""
    shouted = capitals and _in_capitals(name)
    if _is_heading(name) or ("," in _without_brackets(name) and not shouted):
        return False
    return shouted or (_folded(name) in repeated and _may_name(name))


def _is_bracketed_label(name: str, repeated: Collection[str], capitals: bool) -> bool:  # noqa: FBT001 - as above
    again = (capitals and _in_capitals(name)) or _folded(name) in repeated
    return again and _may_name(name) and not names_sound(name)


def _is_in_capitals(texts: Iterable[str]) -> bool:
    """Whether a file is written in capitals throughout, as older subtitles are; names excepted."""
    words = [word for text in texts for word in re.split(r"\s+", re.sub(r"[^\n:：]{1,40}[:：]", " ", text))]
    cased = [word for word in words if len(word) > 1 and word.upper() != word.lower()]
    return len(cased) >= _ENOUGH_WORDS and sum(map(str.isupper, cased)) > 0.8 * len(cased)


def split_speeches(text: str, names: SpeakerNames | None = None) -> list[Speech]:
    """Return what each person says in one cue, in order; empty if the cue holds only sounds.

    Several labelled lines belong to several people. So do lines that begin with a dash, in pairs or before a
    space. Notes of sounds stay in the text, for the subtitles.
    """
    names = names or find_names([text])
    found: list[tuple[str | None, str]] = []
    for starts, line in _pieces(separate_labels(text, names)):
        name, said = _speaker(line, names)
        if not found or name is not None or starts:
            found.append((name, said))
        else:
            before, earlier = found[-1]
            found[-1] = (before, f"{earlier}\n{said}" if earlier else said)
    return list(_share_time([(name, said) for name, said in found if has_words(said)]))


def has_words(text: str) -> bool:
    """Whether a text has something to speak: neither a note of a sound alone, nor "...", nor an emoji."""
    return any(c.isalnum() for c in strip_sound_notes(text))


def separate_labels(text: str, names: SpeakerNames) -> str:
    """Return a cue's text with a line for each label: of markup, or of a known name after a sentence."""
    lines = []
    for line in separate_voices(text).split("\n"):
        starts = [at for at, name in _inner_labels(line) if name in names]
        lines += [line[a:b].strip() for a, b in pairwise([0, *starts, len(line)])]
    return "\n".join(lines)


def _inner_labels(line: str) -> Iterator[tuple[int, str]]:
    """Yield (where it begins, name) of what may be labels inside a line: "ANNA: Where? BEN: There."."""
    if ":" not in line and "：" not in line:
        return
    dash = len(line) - len(_strip_dash(line))
    dash += len(leading_notes(line[dash:]))
    first = _COLON.match(line, dash)
    free_from = first.end() - 1 if first else 0
    for match in _INLINE.finditer(line):
        # "MRS. BROWN: Yes." is one label.
        if match.start() >= free_from:
            yield match.end(), match.group(1)
            free_from = match.end(1)


def _pieces(text: str) -> Iterator[tuple[bool, str]]:
    """Yield (whether another person begins, the line without its dash)."""
    lines = text.split("\n")
    dashed = [line for line in lines if _DASH.match(line)]
    # Two numbers below each other are temperatures, not two people.
    pairs = len(dashed) >= 2 and not all(_MINUS.match(line) for line in dashed)
    for line in lines:
        dash = _DASH.match(line)
        inline = _INLINE_DASH if not dash or dash.group()[-1].isspace() else _INLINE_PAIR
        dialogue = dash and (
            pairs
            or dash.group()[-1].isspace()
            or dash.group().startswith(">")
            or (len(dash.group()) == 1 and inline.search(line))
        )
        minus = line.startswith("−") or not (pairs or inline.search(line))
        if not dash or not dialogue or (_MINUS.match(line) and minus):
            yield False, line
            continue
        first, *others = inline.split(line[dash.end() :])
        yield pairs or dash.group().startswith(">>") or bool(others), first
        for other in others:
            yield True, other


def _strip_dash(line: str) -> str:
    dash = _DASH.match(line)
    return line[dash.end() :] if dash and not _MINUS.match(line) else line


def _candidates(line: str) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, name, rest) for whatever precedes the words of a line."""
    for kind, pattern in _LABELS:
        match = pattern.match(line)
        if match:
            yield kind, match.group(1).strip(), line[match.end() :].strip()


def _speaker(line: str, names: SpeakerNames) -> tuple[str | None, str]:
    voice = voice_label(line)
    if voice:
        return voice
    # A note may stand before the label: "(phone rings) ANNA: Hello?"
    note = leading_notes(line)
    for _, name, rest in _candidates(line[len(note) :]):
        if name in names:
            return _without_manner(name), f"{note.strip()} {rest}".strip()
    return None, line


def _without_manner(name: str) -> str:
    """Strip a manner: "ANNA (O.S.)" and "ANNA, whispering" are Anna."""
    return _without_brackets(name).split(",")[0].strip()


def _without_brackets(name: str) -> str:
    return re.sub(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])\Z", "", name)


def _folded(name: str) -> str:
    return " ".join(_without_manner(name).casefold().split())


def _in_capitals(name: str) -> bool:
    words = [word for word in _without_manner(name).split() if word not in _JOINING]
    letters = [c for c in _SMALL_PARTS.sub("", " ".join(words)) if c.isalpha() and not c.isdigit()]
    return len(letters) > 1 and all(c.isupper() for c in letters if c not in "ºª")


def _is_heading(name: str) -> bool:
    """Whether a label is a common word before a colon, in any case and with a number: "CHAPTER 1", "Note"."""
    words = re.sub(r"[\d.#]+", " ", _without_manner(name).casefold()).split()
    return bool(words) and (" ".join(words) in _NO_NAMES or words[0] in _HEADING_WORDS)


def _may_name(name: str) -> bool:
    """Whether a label may be a name: "Anna" or "Speaker 1", but not "And then he said" or "Remember"."""
    words = name.split()
    # In scripts without capitals, only a short word may be a name.
    caseless = not any(c.isupper() or c.islower() for c in name) and sum(map(str.isalpha, name)) <= 8
    titled = all(word[0].isupper() or not word[0].isalpha() or len(word) <= 3 for word in words)
    capital = words[0][0].isupper() and words[-1][0:1].upper() == words[-1][0:1]
    return len(words) <= 4 and not _is_heading(name) and (caseless or (titled and capital))


def _share_time(found: list[tuple[str | None, str]]) -> Iterator[Speech]:
    sizes = [max(1, sum(c.isalnum() for c in strip_sound_notes(text))) for _, text in found]
    total, at = sum(sizes), 0
    for (name, text), size in zip(found, sizes, strict=True):
        yield Speech(name, text, (at / total, (at + size) / total))
        at += size
