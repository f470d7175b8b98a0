"""What is asked of a subtitle file, and what its reader gives: values between core and the bridge."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class ExpectedSubtitles:
    """What a subtitle file should hold: `language` (ISO 639-1), and `other`, the language of the job's other
    side, which it may have been confused with. "" where that is not known.

    `encoding` "" has it found. `rate` is the picture's, for times with frames (`01:00:02:12`), and `drop` how
    its timecode counts. `cast` are names that are known to be speakers'.
    """

    language: str = ""
    other: str = ""
    encoding: str = ""
    rate: Fraction | None = None
    drop: bool = False
    cast: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileCue:
    """One person's words in a subtitle file: [start, end) in samples from the file's zero.

    `text` is one line without markup and with its notes of sounds; `shown` is how the file shows it, with
    line breaks and `<i>`, where the cue is this person's alone. `part` counts the people who share the cue,
    from 0, and is None where nobody does. `line` is the line of the file.
    """

    start: int
    end: int
    text: str
    speaker: str | None = None
    shown: str = ""
    part: int | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class SubtitleFile:
    """A file as it was read: what is said, notes of sounds that stand alone, and what was put right."""

    cues: tuple[FileCue, ...] = ()
    sounds: tuple[FileCue, ...] = ()
    notes: tuple[str, ...] = ()
    encoding: str = field(default="")
