"""A dubbing script as a file holds it: who says what, when, in which languages, in which loop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from pathlib import Path

from rythmo.errors import SubtitleError
from rythmo.languages import language_name
from rythmo_bridge.subtitles.entries import SubtitleEntry


@dataclass(frozen=True, slots=True)
class ScriptText:
    """The words of an event in one language ("" where the file does not say). `translated` is True for a
    translation."""

    text: str
    language: str = ""
    translated: bool = False


@dataclass(frozen=True, slots=True)
class ScriptEvent:
    """What is said in one go, [start, end) in seconds from the document's zero.

    `screen` says whether the speaker is seen (ON, OFF, ON_OFF, OFF_ON; "": not told), `loop` is the number of
    the recording loop. `line` is the line of the file, 0 where it has none.
    """

    id: str
    start: Fraction
    end: Fraction
    speakers: tuple[str, ...] = ()
    texts: tuple[ScriptText, ...] = ()
    screen: str = ""
    loop: str = ""
    direction: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class ScriptDocument:
    """A whole script. `start` is the timecode of its zero, as a count of frames; `shots` are cuts of the
    picture in seconds. None or "" stands for what the file does not tell."""

    events: tuple[ScriptEvent, ...]
    title: str = ""
    rate: Fraction | None = None
    start: int | None = None
    language: str = ""
    source_language: str = ""
    shots: tuple[Fraction, ...] = ()


def list_entries(document: ScriptDocument, path: Path, language: str = "") -> list[SubtitleEntry]:
    """Return the words in one language as subtitle entries, each with its speaker; "" takes the originals.

    Raises:
        SubtitleError: The script is in other languages.
    """
    chosen = [(event, _choose_texts(event.texts, language)) for event in document.events]
    found = [(event, texts) for event, texts in chosen if texts]
    if not found and any(event.texts for event in document.events):
        held = ", ".join(language_name(one) for one in list_languages(document))
        raise SubtitleError(
            f"{path} has no words in {language_name(language)}: it is in {held}.",
            hint="Is it the right file?",
        )
    return [
        SubtitleEntry(event.start, event.end, _mark_speakers(event, texts), event.line)
        for event, texts in found
    ]


def list_languages(document: ScriptDocument) -> list[str]:
    """Return the languages of the words, in order of their first use."""
    texts = (text for event in document.events for text in event.texts)
    return list(dict.fromkeys(text.language for text in texts if text.language))


def find_text(texts: Iterable[ScriptText], language: str) -> str:
    """Return the words in a language, several texts joined; "" if there are none."""
    return " ".join(text.text for text in _choose_texts(texts, language))


def _choose_texts(texts: Iterable[ScriptText], language: str) -> list[ScriptText]:
    """Return the texts in a language; texts that name none are in any."""
    spoken = [text for text in texts if text.text.strip()]
    if not language:
        return [text for text in spoken if not text.translated] or spoken
    wanted = _base(language)
    return [text for text in spoken if not text.language or _base(text.language) == wanted]


def _base(language: str) -> str:
    return language.partition("-")[0].casefold()


def _mark_speakers(event: ScriptEvent, texts: Sequence[ScriptText]) -> str:
    """Return the words as an entry writes them: the speaker in WebVTT's markup, the text escaped."""
    name = " & ".join(event.speakers)
    words = "\n".join(text.text for text in texts)
    # The name ends at the first ">", and at the end of its line.
    clean = " ".join(name.replace("<", "(").replace(">", ")").split())[:60].strip()
    voice = f"<v {clean}>" if clean else ""
    return f"{voice}{words}"


def escape_words(text: str) -> str:
    """Return words as entries hold them, in which angle brackets are markup."""
    return escape(text, quote=False)
