"""Choose among several sound or subtitle tracks. Pure.

A file from a disc or for the cinema holds the film's sound in several languages, a commentary, and a
description for the blind. Tags, dispositions and titles say which is which.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rythmo import languages
from rythmo.counts import format_count
from rythmo.errors import LanguageError, UsageError
from rythmo.files import make_printable
from rythmo.media.encode import LANGUAGE_CODES
from rythmo.media.media_info import AudioStream, MediaInfo, SubtitleStream

# ISO 639-2 has a second, bibliographic code for some languages; the table also has codes of languages that
# LANGUAGE_CODES lacks.
_BIBLIOGRAPHIC = {
    "alb": "sq", "arm": "hy", "baq": "eu", "bur": "my", "chi": "zh", "cze": "cs", "dut": "nl", "fre": "fr",
    "geo": "ka", "ger": "de", "gre": "el", "ice": "is", "mac": "mk", "may": "ms", "per": "fa", "rum": "ro",
    "slo": "sk", "wel": "cy", "hin": "hi", "kat": "ka", "hye": "hy", "sqi": "sq", "mkd": "mk", "ben": "bn",
    "tam": "ta", "tel": "te", "urd": "ur", "cmn": "zh",
}  # fmt: skip
_TO_SHORT = {code: short for short, code in LANGUAGE_CODES.items()} | _BIBLIOGRAPHIC
_COMMENTARY = re.compile(r"comment|kommentar|comentari|regie|director|behind the scenes", re.IGNORECASE)
_CLEAR_DIALOGUE = re.compile(r"hearing|\bHI\b|\bSDH\b|clear dialog|malentendant|h[öo]rgesch", re.IGNORECASE)
_DESCRIPTION = re.compile(
    r"descri|\bAD\b|visually|blind|narrat|audiodesk|h[öo]rfilm|sehbehind|malvoyant", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class TrackChoice:
    """The track to dub, its number counted from 1, and the reason for it where there were several."""

    stream: AudioStream
    number: int
    note: str = ""


def language_of(tag: str) -> str:
    """Return the language (ISO 639-1) that a stream's tag means, "" where it names none."""
    base = tag.casefold().replace("_", "-").split("-")[0]
    if base in _TO_SHORT:
        return _TO_SHORT[base]
    try:
        return languages.parse_language(base) if base and base not in ("und", "mul", "zxx", "mis") else ""
    except LanguageError:
        return ""


def choose_track(info: MediaInfo, language: str = "", asked: str = "") -> TrackChoice:
    """Choose the requested sound track (its number from 1, or a language), else the default one in
    `language`.

    A commentary or a description for the blind is taken only on request. Raises UsageError for a track that
    is not there.
    """
    if asked:
        stream = _find_requested(info, asked)
        return TrackChoice(stream, info.audio.index(stream) + 1)
    usable = [stream for stream in info.audio if not is_secondary_track(stream)] or list(info.audio)
    own = [stream for stream in usable if language and language_of(stream.language) == language]
    untagged = [stream for stream in usable if not language_of(stream.language)]
    stream = _choose_main(own or untagged or usable)
    number = info.audio.index(stream) + 1
    if len(info.audio) == 1:
        return TrackChoice(stream, number)
    return TrackChoice(
        stream, number, _explain_choice(info, stream, number, language, bool(own), bool(untagged))
    )


def untagged_tracks(info: MediaInfo, language: str) -> tuple[AudioStream, ...]:
    """The tracks among which the tags do not tell: none where one is tagged as `language`."""
    usable = [stream for stream in info.audio if not is_secondary_track(stream)]
    if any(language_of(stream.language) == language for stream in usable):
        return ()
    return tuple(stream for stream in usable if not language_of(stream.language))


def is_secondary_track(stream: AudioStream) -> bool:
    """Whether a track is a commentary or a description for the blind."""
    titled = _COMMENTARY.search(stream.title) or _DESCRIPTION.search(stream.title)
    return stream.commentary or stream.description or bool(titled)


def _choose_main(streams: Sequence[AudioStream]) -> AudioStream:
    return min(
        streams,
        key=lambda stream: (
            stream.hearing_impaired or bool(_CLEAR_DIALOGUE.search(stream.title)),
            not stream.original,
            not stream.default,
            stream.index,
        ),
    )


def _find_requested(info: MediaInfo, asked: str) -> AudioStream:
    text = asked.strip().lstrip("#")
    if text.isdigit():
        if 1 <= int(text) <= len(info.audio):
            return info.audio[int(text) - 1]
    else:
        try:
            wanted = language_of(text) or languages.parse_language(text)
        except LanguageError as error:
            raise UsageError(
                f"--audio-track {make_printable(asked)} is neither a number nor a language.",
                hint=_list_tracks(info),
            ) from error
        found = [stream for stream in info.audio if language_of(stream.language) == wanted]
        if found:
            return _choose_main([stream for stream in found if not is_secondary_track(stream)] or found)
    raise UsageError(
        f"{make_printable(info.path)} has no sound track {make_printable(asked)}.", hint=_list_tracks(info)
    )


def _explain_choice(
    info: MediaInfo,
    stream: AudioStream,
    number: int,
    language: str,
    own: bool,  # noqa: FBT001 - a private helper with one caller
    untagged: bool,  # noqa: FBT001 - as above
) -> str:
    wanted = languages.language_name(language)
    if own:
        why = f"it is in {wanted}"
    elif not language or untagged:
        why = "it is the main one" if stream.default else "it is not a commentary"
    else:
        why = f"none is tagged as {wanted}"
    return (
        f"{info.path.name} has {format_count(len(info.audio), 'sound track')} "
        f"({describe_tracks(info.audio)}): number {number} is dubbed, because {why}. Choose another with "
        "--audio-track."
    )


def describe_tracks(streams: Sequence[AudioStream]) -> str:
    """Return text such as "1 German, 2 English, 3 commentary"."""
    return ", ".join(f"{number} {describe_track(stream)}" for number, stream in enumerate(streams, 1))


def describe_track(stream: AudioStream) -> str:
    """Describe a track in a word or two."""
    language = language_of(stream.language)
    if stream.commentary or _COMMENTARY.search(stream.title):
        return "commentary"
    if stream.description or _DESCRIPTION.search(stream.title):
        return "audio description"
    return (
        languages.language_name(language)
        if language
        else make_printable(stream.title) or "without a language"
    )


def _list_tracks(info: MediaInfo) -> str:
    return f"There are: {describe_tracks(info.audio)}."


def choose_subtitles(info: MediaInfo, number: int) -> SubtitleStream:
    """Return the subtitle track of that number, counted from 1.

    Raises UsageError when there is no such track, or when it holds pictures.
    """
    if not 1 <= number <= len(info.subtitles):
        there = ", ".join(f"{n} {_language_name(s)}" for n, s in enumerate(info.subtitles, 1)) or "none"
        raise UsageError(
            f"{make_printable(info.path)} has no subtitle track {number}.", hint=f"There are: {there}."
        )
    stream = info.subtitles[number - 1]
    if not stream.text:
        raise UsageError(
            f"Subtitle track {number} of {make_printable(info.path)} holds pictures, not text.",
            hint="Convert it to text with an OCR program, and pass that file.",
        )
    return stream


def offer_subtitles(info: MediaInfo, language: str, option: str) -> str:
    """Return a hint about subtitles in that language that the file holds as text, "" where there are none."""
    for number, stream in enumerate(info.subtitles, 1):
        if stream.text and not stream.forced and language_of(stream.language) == language:
            name = languages.language_name(language)
            return f"{info.path.name} holds subtitles in {name}; use them with {option} stream:{number}."
    return ""


def _language_name(stream: SubtitleStream) -> str:
    language = language_of(stream.language)
    return languages.language_name(language) if language else "without a language"
