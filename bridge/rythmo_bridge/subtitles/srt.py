"""Reads SubRip (`.srt`), WebVTT and SubViewer as people leave them; writes plain SubRip.

This is our own reader because pysrt is GPL-3.0 and cannot run inside Rythmo (see docs/subtitles.md). Times
stay exact until they become samples, and every error names its line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from rythmo import languages
from rythmo.counts import format_count
from rythmo.errors import InputError, SubtitleError
from rythmo.files import write_atomically
from rythmo.script import language_check, writing_systems
from rythmo.script.sound_notes import is_sung, strip_sound_notes
from rythmo.script.subtitle_file import ExpectedSubtitles, FileCue, SubtitleFile
from rythmo.timebase import SAMPLE_RATE, nominal_rate, parse_timecode
from rythmo_bridge.subtitles.credits import is_credit
from rythmo_bridge.subtitles.cue_text import (
    decode_file,
    mark_speakers,
    plain_text,
    read_bytes,
    with_italics,
)
from rythmo_bridge.subtitles.cues import Cue
from rythmo_bridge.subtitles.encodings import DecodedText
from rythmo_bridge.subtitles.entries import SubtitleEntry, tidy_entries
from rythmo_bridge.subtitles.other_formats import parse_other
from rythmo_bridge.subtitles.speakers import find_names, has_words, split_speeches
from rythmo_bridge.subtitles.stl_reader import looks_like_stl, parse_stl

_ARROW = re.compile(r"\s*(?:-{1,3}>|—>|–>|=>|→)\s*")
_CLOCK = r"[-−]?\s?(?:\d{1,4}:)?[-−]?\d{1,2}:[-−]?\d{1,2}(?:[,.:;]\d{1,6})?"
_STAMP = re.compile(rf"\s*(?:{_CLOCK})\s*\Z")
_TIME = re.compile(r"([-−])?\s?(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:([,.:;])(\d{1,6}))?\Z")
# Tools that shift by too much write the sign before the seconds: "00:00:-2,000".
_INNER_SIGN = re.compile(r"(?<=:)[-−](?=\d)")
_FRAMES = re.compile(r"\d{1,2}:\d{2}:\d{2}[:;]\d{2}\Z")
_NUMBER = re.compile(r"\d+\Z")
_COMMA_TIMES = re.compile(r"\s*\d{1,2}:\d\d:\d\d\.\d{2,3}\s*,\s*\d{1,2}:\d\d:\d\d\.\d{2,3}\s*\Z")
_WIDE_TIMES = re.compile(r"[\d\s：:，,．.；;－\-–—＞>→]+\Z")
_VTT_BLOCK = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|\Z)")
_HINT = "Times are written 00:01:02,500 --> 00:01:04,000."
_PLAIN = ExpectedSubtitles()
_USUAL_RATE = Fraction(25)
_ENOUGH_LETTERS = 60
_SURELY = 0.9999


def read_file(
    path: Path, sample_rate: int = SAMPLE_RATE, expected: ExpectedSubtitles = _PLAIN
) -> SubtitleFile:
    """Read a subtitle file, in samples at `sample_rate` from the file's zero, in order of start.

    A cue in which several people speak becomes a cue for each, one after the other, in proportion to their
    words.

    Raises:
        SubtitleError: The file is not SRT (with the line number), or its text is in an unexpected script or
            language.
    """
    entries, decoded = _read_entries(path, expected)
    tidied = tidy_entries(entries, expected.language)
    said = [entry for entry in tidied.entries if not is_credit(plain_text(entry.text))]
    cues, sounds = _split_speech(said, sample_rate, expected)
    if not cues:
        raise SubtitleError(f"{path} has no cue with text.", hint="Give a subtitle file that has cues.")
    words = " ".join(strip_sound_notes(cue.text) for cue in cues)
    _require_language(path, words, expected)
    notes = [*tidied.notes, *_note_credits(len(tidied.entries) - len(said)), *_notes(cues, sounds)]
    if note := _language_note(words, expected.language):
        notes.insert(0, note)
    if decoded.guessed:
        notes.insert(0, f"It was read as {decoded.encoding}; choose another with --encoding.")
    messages = tuple(f"{path.name}: {note}" for note in notes)
    return SubtitleFile(tuple(cues), tuple(sounds), messages, decoded.encoding)


def _read_entries(path: Path, expected: ExpectedSubtitles) -> tuple[list[SubtitleEntry], DecodedText]:
    """Return the file's entries, and how it was decoded."""
    data = read_bytes(path)
    if looks_like_stl(data):
        read = parse_stl(data, path, expected.rate, drop=expected.drop)
        return list(read.entries), DecodedText("", "Tech 3264")
    decoded = decode_file(data, path, expected.language, expected.encoding)
    entries = parse(decoded.text, path, expected.rate, drop=expected.drop, language=expected.language)
    return list(entries), decoded


def read_subtitles(path: Path, sample_rate: int = SAMPLE_RATE) -> tuple[Cue, ...]:
    """Return the cues of an SRT file, as `read_file` does."""
    return tuple(Cue(cue.start, cue.end, cue.text, cue.speaker) for cue in read_file(path, sample_rate).cues)


def read_as_written(path: Path, sample_rate: int = SAMPLE_RATE) -> tuple[tuple[int, int, str], ...]:
    """Return (start, end, text) of each cue as displayed, with line breaks and dashes, for quality control.

    Raises:
        SubtitleError: The file cannot be read.
    """
    return tuple(
        (round(entry.start * sample_rate), round(entry.end * sample_rate), plain_text(entry.text))
        for entry in _read_entries(path, _PLAIN)[0]
    )


def parse(
    text: str, path: Path, rate: Fraction | None = None, *, drop: bool = False, language: str = ""
) -> Iterator[SubtitleEntry]:
    """Yield the entries as written: times in seconds, text with its markup.

    `rate` and `drop` are for times that end in frames, `language` for scripts in several languages.

    Raises:
        SubtitleError: A time cannot be read, or there is none.
    """
    other = parse_other(text, path, rate, language, drop=drop)
    if other is not None:
        yield from other
        return
    lines = [_plain_times(line) for line in text.strip("\ufeff").split("\n")]
    if lines[0].startswith("WEBVTT"):
        lines = _without_blocks(lines)
    stamps = [number for number, line in enumerate(lines) if _is_stamp(line)]
    stamps = _without_quoted(lines, stamps)
    if not stamps:
        raise SubtitleError(f"{path} is not a subtitle file: it has no times.", hint=_HINT)
    lines = _without_names(lines, stamps)
    numbers = sum(_number_before(lines, at) is not None for at in stamps)
    numbered, all_numbered = 2 * numbers > len(stamps), numbers == len(stamps) > 1
    for place, (at, following) in enumerate(pairwise([*stamps, len(lines)])):
        start, end = _stamp(lines[at], at + 1, path, rate, drop=drop)
        last = place + 1 == len(stamps)
        # Numbers may occur twice or be out of order: where all cues have one, none of them is text.
        glued = not last and (all_numbered or (numbered and _follows(lines, at, following)))
        yield SubtitleEntry(start, end, "\n".join(_body(lines[at + 1 : following], glued=glued)), at + 1)


def _plain_times(line: str) -> str:
    """Return a line of times as SRT writes it, if it is SubViewer's, escaped, or in full-width digits."""
    if "--&gt;" in line:
        line = line.replace("--&gt;", "-->")
    if _COMMA_TIMES.match(line):
        return " --> ".join(line.split(","))
    if line.isascii() or not _WIDE_TIMES.match(line):
        return line
    return unicodedata.normalize("NFKC", line)


def _is_stamp(line: str) -> bool:
    """Whether a line is (meant to be) the times of a cue, not text with an arrow in it."""
    parts = _ARROW.split(line, maxsplit=1)
    if len(parts) < 2:
        return False
    return bool(_STAMP.match(parts[0])) or bool(
        re.match(rf"{_CLOCK}(?:\s|\Z)", parts[1]) and any(c.isdigit() for c in parts[0])
    )


def _without_quoted(lines: Sequence[str], stamps: list[int]) -> list[int]:
    """Leave out "10:30 -> 11:45" in a cue's text, if the file's own times are written in full."""
    full = {at for at in stamps if re.search(r"[,.;]\d{2,3}|:\d\d:\d\d", lines[at])}
    if len(full) <= len(stamps) / 2:
        return stamps
    return [
        at for at in stamps if at in full or not at or not lines[at - 1].strip() or _number_before(lines, at)
    ]


def _without_names(lines: list[str], stamps: Sequence[int]) -> list[str]:
    """Blank out cue names ("intro-2") above the times, if every cue of the file has one."""
    names = [
        at - 1 for at in stamps if at and lines[at - 1].strip() and (at < 2 or not lines[at - 2].strip())
    ]
    written = [lines[at].strip() for at in names]
    if len(names) < max(2, len(stamps)) or all(_NUMBER.match(name) for name in written):
        return lines
    if len(set(written)) < len(written) or any(" " in name for name in written):
        return lines
    return ["" if at in names else line for at, line in enumerate(lines)]


def _number_before(lines: Sequence[str], at: int) -> int | None:
    text = lines[at - 1].strip() if at else ""
    return int(text) if _NUMBER.match(text) and len(text) < 9 else None


def _follows(lines: Sequence[str], at: int, following: int) -> bool:
    """Whether the number above the next times follows this cue's.

    It is then not text, even without a blank line before it.
    """
    mine, its = _number_before(lines, at), _number_before(lines, following)
    return its is not None and (mine is None or its == mine + 1)


def _without_blocks(lines: list[str]) -> list[str]:
    """Blank out WebVTT's head, notes, styles and cue names; each line keeps its number."""
    kept, skipping = [""], False
    for before, line in pairwise(lines):
        if not before.strip():
            skipping = bool(_VTT_BLOCK.match(line))
        kept.append("" if skipping else line)
    for at, line in enumerate(kept):
        if at > 1 and _is_stamp(line) and not kept[at - 2].strip():
            kept[at - 1] = ""
    return kept


def _body(lines: list[str], *, glued: bool) -> list[str]:
    """Return a cue's text, without the number of the next cue and the empty lines around it."""
    body = list(lines)
    while body and not body[-1].strip():
        body.pop()
    if body and _NUMBER.match(body[-1].strip()) and len(body) > 1 and (glued or not body[-2].strip()):
        body.pop()
    return body


def _stamp(
    line: str, number: int, path: Path, rate: Fraction | None, *, drop: bool
) -> tuple[Fraction, Fraction]:
    parts = _ARROW.split(line, maxsplit=1)
    # Coordinates (X1:... Y1:...) and WebVTT's settings may follow the out-time.
    after = re.match(rf"{_CLOCK}(?=\s|\Z)", parts[1])
    texts = [parts[0].strip(), after.group() if after else (parts[1].split() or [""])[0]]
    first, second = (_seconds(text, number, path, rate, drop=drop) for text in texts)
    return first, second


def _seconds(text: str, number: int, path: Path, rate: Fraction | None, *, drop: bool) -> Fraction:
    signs = _INNER_SIGN.findall(text)
    match = _TIME.match("-" + _INNER_SIGN.sub("", text) if signs else text)
    # Programs that round write the sixtieth second.
    if not match or int(match.group(3)) > 59 or Fraction(f"{match.group(4)}.{match.group(6) or 0}") > 60:
        raise SubtitleError(f"{path}, line {number}: {text[:40]!r} is not a time.", hint=_HINT)
    sign, hours, minutes, seconds, mark, fraction = match.groups()
    if mark in (":", ";") and _FRAMES.match(text):
        return _of_frames(text, number, path, rate or _USUAL_RATE, drop=drop)
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    found = whole + Fraction(int(fraction or 0), 10 ** len(fraction or ""))
    return -found if sign else found


def _of_frames(text: str, number: int, path: Path, rate: Fraction, *, drop: bool) -> Fraction:
    """Return a timecode in real seconds. Frames that the rate does not have are hundredths of a second."""
    if int(text[-2:]) >= nominal_rate(rate):
        clock, hundredths = text[:-3], int(text[-2:])
        hours, minutes, seconds = (int(part) for part in clock.split(":"))
        return (hours * 60 + minutes) * 60 + seconds + Fraction(hundredths, 100)
    dropping = drop or text[-3] == ";"
    if dropping and text[-2:] in ("00", "01") and text[-5:-3] == "00" and text[-7] != "0":
        # A label that drop frame skips stands for the next one: some programs write it.
        text = f"{text[:-2]}02"
    try:
        return Fraction(parse_timecode(text, rate, drop=dropping).frame) / rate
    except InputError as error:
        raise SubtitleError(f"{path}, line {number}: {error.message}", hint=error.hint) from error


def _split_speech(
    entries: Sequence[SubtitleEntry], sample_rate: int, expected: ExpectedSubtitles
) -> tuple[list[FileCue], list[FileCue]]:
    """Return the speech, by person, and the cues that hold only sounds."""
    names = find_names((mark_speakers(entry.text) for entry in entries), expected.cast)
    cues: list[FileCue] = []
    sounds: list[FileCue] = []
    for entry in entries:
        start, end = round(entry.start * sample_rate), round(entry.end * sample_rate)
        found = [] if entry.silent else split_speeches(mark_speakers(entry.text), names)
        for number, speech in enumerate(found):
            low, high = (start + round((end - start) * share) for share in speech.share)
            alone = len(found) == 1
            text = " ".join(speech.text.split())
            shown = _displayed_text(entry.text, speech.text) if alone else ""
            part = None if alone else number
            cues.append(FileCue(low, max(low + 1, high), text, speech.name, shown, part, entry.line))
        if not found and plain_text(entry.text) and (entry.silent or not has_words(plain_text(entry.text))):
            sounds.append(FileCue(start, end, plain_text(entry.text), line=entry.line))
    return cues, sounds


def _displayed_text(raw: str, text: str) -> str:
    """Return the words with the file's line breaks and italics; "" if there are none worth keeping."""
    shown = with_italics(raw)
    bare = shown.replace("<i>", "").replace("</i>", "")
    if bare != text:
        # A label or a dash was removed.
        return text if "\n" in text else ""
    return shown if shown != " ".join(text.split()) else ""


def _note_credits(count: int) -> list[str]:
    what = "cue is a credit" if count == 1 else "cues are credits"
    return [f"{count} {what} of the subtitles: nobody says that, left out."] if count else []


def _notes(cues: Sequence[FileCue], sounds: Sequence[FileCue]) -> list[str]:
    notes = []
    inline = sum(strip_sound_notes(cue.text) != cue.text and not is_sung(cue.text) for cue in cues)
    signs = sum(has_words(cue.text) for cue in sounds)
    empty = sum(not any(map(str.isalnum, cue.text)) for cue in sounds)
    for count, one, several in (
        (inline + len(sounds) - signs - empty, "holds sound descriptions", "hold sound descriptions"),
        (signs, "is writing in the picture", "are writing in the picture"),
        (empty, "holds no words", "hold no words"),
    ):
        if count:
            what = format_count(count, f"cue {one}", f"cues {several}")
            notes.append(f"{what}: they stay in the subtitles and are not spoken.")
    sung = sum(is_sung(cue.text) for cue in cues)
    if sung:
        what = format_count(sung, "cue is", "cues are")
        notes.append(f"{what} marked as sung: the words are dubbed, the signs are not spoken.")
    return notes


def _require_language(path: Path, text: str, expected: ExpectedSubtitles) -> None:
    wanted = languages.language_name(expected.language)
    share = writing_systems.measure_script_share(text, expected.language) if expected.language else None
    if share is not None and share < 0.5:
        raise SubtitleError(
            f"{path} is not in the script of {wanted}: it begins “{text[:40]}”.",
            hint="Is it the right file? If the letters are wrong, give its encoding with --encoding.",
        )
    enough = bool(expected.other) and sum(map(str.isalpha, text)) >= _ENOUGH_LETTERS
    if enough and language_check.is_foreign(text, expected.language, expected.other):
        raise SubtitleError(
            f"{path} is in {languages.language_name(expected.other)}, not in {wanted}.",
            hint="--script is for the words of the original, --translation for those of the dub.",
        )


def _language_note(text: str, wanted: str) -> str:
    """Return a note where a longer text is surely in a third language; "" otherwise."""
    base = wanted.split("-", maxsplit=1)[0]
    likely = language_check.guess_language(text) if sum(map(str.isalpha, text)) >= _ENOUGH_LETTERS else None
    if not base or likely in (None, base):
        return ""
    surely = language_check.compare_languages(text, str(likely), base)
    if surely is None or surely < _SURELY:
        return ""
    name = languages.language_name(str(likely))
    return f"It reads as {name}, not as {languages.language_name(base)}: is it the right file?"


def write(cues: Sequence[Cue], path: Path, sample_rate: int = SAMPLE_RATE) -> None:
    """Write UTF-8 without a byte order mark and with Windows line ends, as SubRip itself does.

    Numbers start at 1.
    """
    write_atomically(path, render(cues, sample_rate).encode())


def render(cues: Sequence[Cue], sample_rate: int = SAMPLE_RATE) -> str:
    """Return the file's text."""
    blocks = []
    for number, cue in enumerate(cues, start=1):
        start, end = (_time(position, sample_rate) for position in (cue.start, cue.end))
        body = cue.text.replace("\n", "\r\n")
        blocks.append(f"{number}\r\n{start} --> {end}\r\n{body}\r\n")
    return "\r\n".join(blocks)


def _time(position: int, sample_rate: int) -> str:
    total = (2000 * position + sample_rate) // (2 * sample_rate)
    seconds, thousandths = divmod(total, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{thousandths:03}"
