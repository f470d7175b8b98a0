"""Cleans the text of subtitle files: decodes the file and removes its markup."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from pathlib import Path

from rythmo.errors import SubtitleError
from rythmo_bridge.subtitles.encodings import DecodedText, decode, undo_double_encoding
from rythmo_bridge.subtitles.line_breaks import strip_direction

_MOST_BYTES = 32 << 20
_NAMES = (
    "a|abbr|b|big|blockquote|body|br|c|center|code|div|em|font|h[1-6]|head|html|i|img|lang|li|mark|o|ol|p|pre|q"
    "|rb|rp|rt|ruby|s|script|small|span|strike|strong|style|sub|sup|sync|tt|u|ul|v"
)
_BREAK = re.compile(r"<\s*(?:br\s*/?|/\s*(?:p|div|li|h[1-6]))\s*>", re.IGNORECASE)
_RUBY = re.compile(r"<(rt|rp)\b[^<>]*>.*?</\1>", re.IGNORECASE | re.DOTALL)
_DROPPED = re.compile(r"<(style|script|head)\b[^<>]*>.*?</\1>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_VOICE = re.compile(r"<v(?:\.[\w.-]+)?[ \t]+([^<>\n]{1,60})>", re.IGNORECASE)
_TAG = re.compile(
    rf"</?(?:[a-z]+:)?(?:{_NAMES})(?:[\s.=][^<>\n]*)?/?>|<(?:\d{{1,2}}:)?\d{{1,2}}:\d{{2}}[.,]\d{{1,3}}>",
    re.IGNORECASE,
)
# Unknown tags are markup if they are closed or have attributes: "<sdh>Hi</sdh>". "<door>" is text.
_PAIRED = re.compile(r"<([a-z][\w:.-]*)(?:\s[^<>\n]*)?>([^<>]*)</\1\s*>", re.IGNORECASE)
_ATTRIBUTES = re.compile(
    r"</?[a-z][\w:.-]*(?:\s+[\w:-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'))+\s*/?>", re.IGNORECASE
)
# What is left of markup whose beginning is gone or was read.
_REMAINS = re.compile(r"</[a-z][\w:.-]*\s*>|<>", re.IGNORECASE)
_BBCODE = re.compile(r"\[/?(?:b|i|u|s|color|colour|size|font|center|url)(?:=[^\[\]\n]*)?\]", re.IGNORECASE)
_MARKDOWN = re.compile(r"(?<!\w)(\*\*|__|_)(?=\w)([^\n_]+?)(?<=\S)\1(?!\w)")
_ITALIC = re.compile(r"<(/?)\s*(?:i|em)(?:[\s.][^<>\n]*)?>", re.IGNORECASE)
_ASS_ITALIC = re.compile(r"\{\\i([01])\}")
# A drawing, up to its end (\p0) or the end of the cue, consists of coordinates, not words.
_DRAWING = re.compile(r"\{[^{}\n]*\\p[1-9]\d*[^{}\n]*\}.*?(?:\{[^{}\n]*\\p0[^{}\n]*\}|\Z)", re.DOTALL)
# A drawing whose override codes were removed by another program.
_BARE_DRAWING = re.compile(
    r"^m(?:\s+-?\d+(?:\.\d+)?){2}(?:\s+(?:[mnlbspc]|-?\d+(?:\.\d+)?))*\s*$", re.MULTILINE
)
# Braces hold ASS override codes and comments, and MicroDVD's codes; players show none of them.
_ASS = re.compile(r"\{[^{}\n]*\}|\\[Nnh]")
# MicroDVD's line break, and its mark for a line in italics.
_PIPE = re.compile(r"(?<=[^\s|])\|(?=[^\s|])")
_SLASH = re.compile(r"^/(?=\w)([^/\n]*)/?$", re.MULTILINE)
_INVISIBLE = dict.fromkeys(
    (
        *map(ord, "\ufeff\u200b\u2060\u2061\u2062\u2063\u2064\u00ad\u180e\ufe0e\ufe0f\ufffc"),
        *range(0x7F, 0xA0),
    )
)
_CONTROLS = dict.fromkeys(code for code in range(0x20) if chr(code) not in "\t\n")
_OTHER_BREAKS = dict.fromkeys(map(ord, "\x0b\x0c\x85"), " ")
# Joiners belong to Persian, Indic scripts and emoji, never into Latin, Greek or Cyrillic words.
_JOINER = re.compile("(?<=[A-Za-z\u00c0-\u052f])[\u200c\u200d]|[\u200c\u200d](?=[A-Za-z\u00c0-\u052f])")
_LABEL = "\ue000"
_LABELLED = re.compile(f"{_LABEL}[^{_LABEL}]*{_LABEL}")


def read_text(path: Path, language: str = "", encoding: str = "") -> str:
    """Return the file as text with newlines of one kind; see `read_decoded`."""
    return read_decoded(path, language, encoding).text


def read_decoded(path: Path, language: str = "", encoding: str = "") -> DecodedText:
    """Return the file as text with newlines of one kind, and its encoding.

    Raises:
        SubtitleError: The file is missing, empty, a folder, far too large, or not text.
    """
    return decode_file(read_bytes(path), path, language, encoding)


def read_bytes(path: Path) -> bytes:
    """Return the file's bytes. Raises SubtitleError where it is missing, a folder, or far too large."""
    try:
        if path.is_file() and path.stat().st_size > _MOST_BYTES:
            raise SubtitleError(f"{path} is too large for a subtitle file.", hint="Give an SRT file.")
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise SubtitleError(
            f"{path} cannot be read: {reason}.", hint="Check the path of the subtitle file."
        ) from error


def decode_file(data: bytes, path: Path, language: str = "", encoding: str = "") -> DecodedText:
    """Return a file's bytes as text; see `read_decoded`. Raises SubtitleError."""
    decoded = decode(data, str(path), language, encoding)
    # Joined files have byte order marks inside, and files from DOS end with a control character.
    text = decoded.text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")
    text = text.translate(_OTHER_BREAKS).translate(_CONTROLS)
    if not text.strip("\ufeff\0 \t\n"):
        raise SubtitleError(f"{path} is empty.", hint="Give a subtitle file that has cues.")
    again = None if encoding else undo_double_encoding(text, language)
    if again is not None:
        return DecodedText(again, "utf-8 that had been saved as Western text", guessed=True)
    return DecodedText(text, decoded.encoding, decoded.guessed)


def plain_text(text: str) -> str:
    """Remove markup, override codes, entities and direction marks; trim lines and drop empty ones."""
    found = mark_speakers(text)
    return _LABELLED.sub("", found) if _LABEL in found else found


@lru_cache(maxsize=8192)
def mark_speakers(text: str) -> str:
    """Clean a text as `plain_text` does, with speakers' names from markup between two private characters."""
    if "\\" in text or "{" in text:
        text = _ASS.sub(_of_ass, _DRAWING.sub("", text))
    text = _without_tags(text)
    if "&" in text:
        # Texts are escaped twice by some exports: "&amp;amp;", "&lt;i&gt;".
        text = _without_tags(html.unescape(html.unescape(text)), voices=False)
    text = _without_codes(text)
    if not text.isascii():
        text = _JOINER.sub("", strip_direction(text)).translate(_INVISIBLE)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _without_tags(text: str, *, voices: bool = True) -> str:
    if "<" not in text:
        return text
    text = _BREAK.sub("\n", _RUBY.sub("", _DROPPED.sub("", text)))
    if voices:
        text = _VOICE.sub(lambda match: f"{_LABEL}{match.group(1).strip()}{_LABEL}", text)
    return _REMAINS.sub("", _PAIRED.sub(r"\2", _ATTRIBUTES.sub("", _TAG.sub("", text))))


def _without_codes(text: str) -> str:
    """Remove marks of other formats: BBCode, Markdown, MicroDVD's signs, drawings without their codes."""
    if "[" in text:
        # SubViewer breaks lines with [br].
        text = _BBCODE.sub("", text.replace("[br]", "\n"))
    if "**" in text or "_" in text:
        text = _MARKDOWN.sub(r"\2", text)
    text = _PIPE.sub("\n", text)
    return _BARE_DRAWING.sub("", _SLASH.sub(r"\1", text))


def _of_ass(match: re.Match[str]) -> str:
    """Return what an ASS override code stands for."""
    return {"\\N": "\n", "\\n": "\n", "\\h": " "}.get(match.group(), "")


def with_italics(text: str) -> str:
    """Clean a text as `plain_text` does, but keep italics as `<i>` and `</i>`, for display."""
    if "<" not in text and "{" not in text and "&lt;" not in text:
        return plain_text(text)
    text = text.replace("&lt;i&gt;", "<i>").replace("&lt;/i&gt;", "</i>")
    open_, close = "\ue001", "\ue002"
    text = _ASS_ITALIC.sub(lambda match: open_ if match.group(1) == "1" else close, text)
    text = _ITALIC.sub(lambda match: close if match.group(1) else open_, text)
    found = plain_text(text)
    bare = found.replace(open_, "").replace(close, "")
    if found.count(open_) != 1 or found.count(close) > 1:
        # With several pieces, or unmatched tags, the text is in italics as a whole or not at all.
        outside = re.sub(f"{open_}[^{close}]*(?:{close}|\\Z)", "", found)
        return f"<i>{bare}</i>" if open_ in found and not any(c.isalnum() for c in outside) else bare
    closed = found if close in found else found + close
    if closed.find(open_) > closed.find(close):
        return bare
    return closed.replace(open_, "<i>").replace(close, "</i>")


def separate_voices(text: str) -> str:
    """Return a text with a line for each speaker that the file's markup names."""
    return _LABELLED.sub(_start_line, text) if _LABEL in text else text


def _start_line(label: re.Match[str]) -> str:
    """Return a label, on a new line where words stand before it."""
    before = label.string[label.string.rfind("\n", 0, label.start()) + 1 : label.start()]
    return f"\n{label.group()}" if before.strip(" \t-–—‐>") else label.group()


def voice_label(line: str) -> tuple[str, str] | None:
    """Return (name, rest) of a line that begins with a speaker's name from the file's markup."""
    if not line.startswith(_LABEL):
        return None
    name, _, rest = line[1:].partition(_LABEL)
    return name, rest.strip()
