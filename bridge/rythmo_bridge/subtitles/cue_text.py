"""Text of subtitle files as people leave them: encodings, markup, who speaks."""

from __future__ import annotations

import codecs
import html
import re
from pathlib import Path

from rythmo.errors import SubtitleError
from rythmo_bridge.subtitles.breaking import strip_direction

_BOMS = (
    # UTF-32 first: its mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MOST_BYTES = 32 << 20
_TAG = re.compile(r"</?(?:[ibusvc]|font|ruby|rt|lang)(?:[\s.][^<>\n]*)?>", re.IGNORECASE)
_ASS = re.compile(r"\{\\[^{}\n]*\}|\\[Nnh]")
_NAME = r"[^\W\d_][\w .'’\-#]{0,30}"
_COLON = re.compile(rf"({_NAME}?)\s?[:：](?:\s+|$)")
_BRACKET = re.compile(rf"\[\s*({_NAME}?)\s*\]\s*:?\s*")
_PAREN = re.compile(rf"\(\s*({_NAME}?)\s*\)\s*:?\s*")
_DASH = re.compile(r"[-–—‐]\s*")


def read_text(path: Path) -> str:
    """The file as text with newlines of one kind.

    UTF-8, UTF-16 and UTF-32 with their mark, UTF-16 without it, UTF-8 without it, else Windows-1252.
    Raises SubtitleError when it is missing, empty, a folder, far too large or no text.
    """
    try:
        if path.is_file() and path.stat().st_size > _MOST_BYTES:
            raise SubtitleError(f"{path} is too large to be a subtitle file.", hint="Give an SRT file.")
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise SubtitleError(
            f"{path} cannot be read: {reason}.", hint="Check the path of the subtitle file."
        ) from error
    text = _decode(data, path).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise SubtitleError(f"{path} is empty.", hint="Give a subtitle file that has cues.")
    return text


def _decode(data: bytes, path: Path) -> str:
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), None) or _unmarked(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise _no_text(path) from error
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        # Windows itself maps the five unused bytes of 1252 to control characters.
        return data.decode("latin-1")


def _unmarked(data: bytes) -> str:
    head = data[:4096]
    if b"\0" not in head:
        return "utf-8"
    return "utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be"


def _no_text(path: Path) -> SubtitleError:
    return SubtitleError(f"{path} is not a text file.", hint="Save the subtitles as SRT in UTF-8.")


def plain(text: str) -> str:
    """Without markup, override codes, entities and direction marks; each line trimmed, empty ones dropped."""
    text = _ASS.sub(
        lambda match: "\n" if match.group() in ("\\N", "\\n") else " " if match.group() == "\\h" else "", text
    )
    text = html.unescape(_TAG.sub("", text)) if "<" in text or "&" in text else text
    lines = (" ".join(strip_direction(line).split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def speeches(text: str) -> list[tuple[str | None, str]]:
    """What each person says in one cue: (name or None, text), in order.

    `NAME: text`, `[NAME] text` and `(NAME) text` name the speaker; several named lines, or lines that all
    begin with a dash, are several people's. A bare `[music]` says nothing and gives nothing.
    """
    found: list[tuple[str | None, str]] = []
    lines = text.split("\n")
    dashed = sum(bool(_DASH.match(line)) for line in lines) >= 2
    for line in lines:
        dash = _DASH.match(line)
        if dash:
            line = line[dash.end() :]  # noqa: PLW2901 - the dash is layout, not text
        name, said = _speaker(line)
        if not found or name is not None or (dash and dashed):
            found.append((name, said))
        else:
            before, earlier = found[-1]
            found[-1] = (before, f"{earlier} {said}".strip())
    return [(name, said) for name, said in found if said]


def _speaker(line: str) -> tuple[str | None, str]:
    for pattern in (_BRACKET, _PAREN):
        match = pattern.match(line)
        if match:
            return match.group(1).strip(), line[match.end() :].strip()
    match = _COLON.match(line)
    if match and _is_name(match.group(1)):
        return match.group(1).strip(), line[match.end() :].strip()
    return None, line


def _is_name(text: str) -> bool:
    """ "ANNA", "Anna", "Old Man" and "SPEAKER 1" name someone; "And then he said" does not."""
    words = text.split()
    return len(words) <= 4 and all(
        word[0].isupper() or word[0].isdigit() or not word[0].isalpha() for word in words
    )
