"""The script: who says what, when, in both languages, with every take. Frozen values only.

Positions are integer samples at `Programme.sample_rate`, counted from the programme's first
frame; `Programme.start_frame` carries the start timecode. An id is stable for ever: a line keeps
its own when it moves or changes speaker, and the file name of each of its takes begins with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from operator import attrgetter

from rythmo.errors import ScriptError
from rythmo.script.on_screen import FaceName, OnScreen, PictureUnder
from rythmo.script.review_state import Comment, ReviewState
from rythmo.script.sound_notes import strip_sound_notes
from rythmo.script.takes import UNEDITED, ClipEdit, Placement, Take, TakeLayout, VoiceRef


class Status(StrEnum):
    """How far a line is."""

    RECOGNISED = "recognised"
    TRANSLATED = "translated"
    VOICED = "voiced"


class Severity(StrEnum):
    """How much a flag matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Flag:
    """Something a person should look at: a stable `code`, and a sentence that says why."""

    code: str
    message: str
    severity: Severity = Severity.WARNING


@dataclass(frozen=True, slots=True)
class Remark:
    """A flag at a position (in samples) that belongs to no line: of the bed, or of the whole mix; `end` where
    it is about a stretch."""

    position: int
    flag: Flag
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word of the original; `language` is set where it is not the programme's own."""

    text: str
    start: int
    end: int
    confidence: float | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class SoundNote:
    """A subtitle that says what is heard and not said ("[door slams]"): in samples, in one language."""

    start: int
    end: int
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Prosody:
    """Measured on the original: pitch in Hz (median, 10th and 90th percentile), rate in syllables
    a second, level in LUFS or dBFS RMS, brightness as spectral centroid in Hz. None: not measurable."""

    pitch_hz: float | None = None
    pitch_low_hz: float | None = None
    pitch_high_hz: float | None = None
    brightness_hz: float | None = None
    level_db: float | None = None
    syllables_per_second: float | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """How a line is said, against its speaker's own habit: pitch in semitones, `range` and `pace` as factors,
    level in dB, in coarse steps; whether it is whispered."""

    pitch: float = 0.0
    range: float = 1.0
    pace: float = 1.0
    level: float = 0.0
    whispered: bool = False


@dataclass(frozen=True, slots=True)
class Speaker:
    """One person of the programme; `id` (S1, S2 ...) is stable, `name` is for people."""

    id: str
    name: str
    voice: VoiceRef | None = None
    prosody: Prosody | None = None
    colour: str = ""
    consent: str = ""
    """The fingerprint of the consent that the voice was cloned under; empty: it is no clone."""
    edited: tuple[str, ...] = ()
    """Fields that a person has set."""
    voice_locked: bool = False
    """A person is done with the voice: nothing but unlocking it gives the speaker another one."""


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance of one speaker, in [start, end)."""

    id: str
    speaker: str
    start: int
    end: int
    text: str
    """What is said, with notes of sounds as subtitles show them: "(laughs) Hello."; see `spoken_text`."""
    words: tuple[Word, ...] = ()
    translation: str = ""
    direction: str = ""
    takes: tuple[Take, ...] = ()
    chosen: str | None = None
    placement: Placement | None = None
    prosody: Prosody | None = None
    """Measured on the original line; `manner`: the same against its speaker's other lines."""
    manner: Manner | None = None
    variation: int = 0
    """Which reading of its words is wanted: 0 the first, above it another that the engine is asked for."""
    until: int | None = None
    """Where an editor's cut ends its slot; None: the slot grows into the silence that follows."""
    said_at: tuple[int, int] | None = None
    """Where its original is heard, when an editor moved or trimmed the line; None: in [start, end)."""
    edited: tuple[str, ...] = ()
    """Fields that a person has set: they win over what the engines find when things run again."""
    clip: ClipEdit = UNEDITED
    """What an editor did to its clip in the timeline."""
    conformed: str = ""
    """Its clips in the edited timeline that it followed last, as a take and a hash: that timeline again
    changes nothing."""
    status: Status = Status.RECOGNISED
    flags: tuple[Flag, ...] = ()
    text_as_shown: str = ""
    """`text` with the line breaks and italics (`<i>`) of the user's own subtitles; "" where it has none.
    `translation_as_shown`: the same of the translation."""
    translation_as_shown: str = ""
    language: str = ""
    """The language that it is said in, where that is not the programme's."""
    locked: bool = False
    """A person is done with it: only unlocking changes it, and no engine voices or translates it again."""
    shaped: bool = False
    """A person split, joined or added it: it stays when the programme is heard again."""
    joined_into: str = ""
    """Of a removed line: the line that holds its words since a person joined them."""
    review: ReviewState | None = None
    """The state that a person set; None where it follows from whose words the line has: `review_state`."""
    comments: tuple[Comment, ...] = ()
    """What people say about it, in order of time."""
    on_screen: OnScreen | None = None
    """What the picture shows of its speaker; None where nobody looked."""
    picture_under: PictureUnder | None = None
    """Of a line that an editor moved: which picture the edited timeline showed at its new place; None where
    that timeline did not tell."""
    layout: TakeLayout = TakeLayout.START
    """How its human take is laid, when one is chosen."""

    @property
    def review_state(self) -> ReviewState:
        """How far people are with its words. Words that a person wrote are translated, others new."""
        if self.review is not None:
            return self.review
        written = bool(self.translation) and "translation" in self.edited
        return ReviewState.TRANSLATED if written else ReviewState.NEW

    @property
    def is_approved(self) -> bool:
        """Whether its words are final: no engine and no file changes them."""
        return self.review is ReviewState.APPROVED

    @property
    def open_comments(self) -> tuple[Comment, ...]:
        """The comments that nobody has resolved."""
        return tuple(comment for comment in self.comments if not comment.resolved)

    @property
    def spoken_text(self) -> str:
        """The original's words without notes of sounds: what is translated."""
        return strip_sound_notes(self.text)

    @property
    def spoken_translation(self) -> str:
        """The words that the voice says."""
        return strip_sound_notes(self.translation)

    @property
    def length(self) -> int:
        """Samples of the original utterance."""
        return self.end - self.start

    @property
    def original_range(self) -> tuple[int, int]:
        """Where its original is heard in the programme's sound."""
        return self.said_at or (self.start, self.end)

    @property
    def is_moved(self) -> bool:
        """Whether an editor moved it away from where its original is heard."""
        return self.said_at is not None and self.said_at[0] != self.start

    @property
    def heard_range(self) -> tuple[int, int] | None:
        """Where its take is heard, [start, end): its placement less what an editor cut off."""
        if self.placement is None:
            return None
        start = self.placement.start + self.clip.head
        return start, max(start, self.placement.end - self.clip.tail)

    @property
    def is_pinned(self) -> bool:
        """Whether an editor placed its take, so that it is not fitted again."""
        return "placement" in self.edited and self.placement is not None

    @property
    def take(self) -> Take | None:
        """The chosen take."""
        return next((take for take in self.takes if take.id == self.chosen), None)

    @property
    def has_human_take(self) -> bool:
        """Whether a person spoke the chosen take: no engine voices the line until another is asked for."""
        return self.take is not None and self.take.human and "chosen" in self.edited

    def add_flags(self, *flags: Flag) -> Line:
        """Return the line with flags added; a flag of the same code is replaced."""
        if not flags:
            return self
        codes = {flag.code for flag in flags}
        return replace(self, flags=(*(f for f in self.flags if f.code not in codes), *flags))

    def without_flags(self, *codes: str) -> Line:
        """Return the line without the flags of these codes."""
        kept = tuple(f for f in self.flags if f.code not in codes)
        return self if len(kept) == len(self.flags) else replace(self, flags=kept)


@dataclass(frozen=True, slots=True)
class Programme:
    """What is dubbed: its length in samples, its picture's rate and start, and where it came from.

    `frame_rate` is None when there is no picture; then timecode is counted at 25.
    `source` is the path as the user gave it, `channels` the number in its sound, `size` the width and height
    of its picture, where they are known.
    """

    name: str
    source: str
    length: int
    sample_rate: int
    channels: int
    frame_rate: Fraction | None = None
    start_frame: int = 0
    drop: bool = False
    size: tuple[int, int] | None = None
    sound_track: int = 0
    """Which sound track of the source is dubbed, counted from 1; 0: the default one."""
    media_start_frame: int | None = None
    """The timecode of the source's first frame, where an edited timeline gave the programme another start."""

    @property
    def rate(self) -> Fraction:
        """The rate that timelines of this programme run at."""
        return self.frame_rate or Fraction(25)


@dataclass(frozen=True, slots=True)
class FollowedTimeline:
    """An edited timeline that a conform followed: its file's name and SHA-256, "" where it was no file."""

    name: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """The whole: lossless, saved as `script.json`. Lines are in order of start."""

    programme: Programme
    source_language: str
    target_language: str
    speakers: tuple[Speaker, ...] = ()
    lines: tuple[Line, ...] = ()
    engines: Mapping[str, str] = field(default_factory=dict)
    """Kind -> "name version", as used last."""
    dialogue: tuple[tuple[int, int], ...] = ()
    """Regions in samples where the bed replaces the original in the M&E; sorted, disjoint."""
    removed: tuple[Line, ...] = ()
    """Lines that a person took out, as they were: heard again, they stay out."""
    remarks: tuple[Remark, ...] = ()
    """What quality control found that belongs to no line, in order of position."""
    findings: tuple[Remark, ...] = ()
    """What was found when the programme was heard and the user's files were read, and belongs to no line."""
    left_speech: tuple[tuple[int, int], ...] = ()
    """Stretches [start, end) in samples of speech without a line that a person left as it is."""
    faces: tuple[FaceName, ...] = ()
    """A person's decisions who a face is; the newest last."""
    sounds: tuple[SoundNote, ...] = ()
    """Notes of sounds that stand alone in the user's subtitles; they are shown, never spoken."""
    last_number: int = 0
    """The highest number that a line's id ever had, also in edits that were undone: none is given again."""

    original: int = 0
    """Revision of the original, which all languages of a project share; see `shared_original`."""
    removed_here: tuple[str, ...] = ()
    """Ids of the `removed` lines that only this language's timeline lost; the others keep them."""
    taken_over: tuple[str, ...] = ()
    """Ids of lines and speakers that another language corrected last: undo here leaves them as they are."""
    set_aside: tuple[Line, ...] = ()
    """Lines that a correction made in another language took out of the original, as they were here."""
    followed: tuple[FollowedTimeline, ...] = ()
    """The edited timelines that this language's dub was conformed to, oldest first."""

    def line(self, line_id: str) -> Line:
        """That line; raises ScriptError when there is none."""
        for line in self.lines:
            if line.id == line_id:
                return line
        raise ScriptError(
            f"There is no line {line_id!r} in {self.programme.name}.", hint=_list_some_ids(self.lines)
        )

    def speaker(self, speaker_id: str) -> Speaker:
        """That speaker; raises ScriptError when there is none."""
        for speaker in self.speakers:
            if speaker.id == speaker_id:
                return speaker
        names = ", ".join(s.id for s in self.speakers)
        raise ScriptError(f"There is no speaker {speaker_id!r}.", hint=f"There are: {names}.")

    def with_line(self, line: Line) -> Script:
        """Return the script with the line of the same id replaced; order by start is kept."""
        return self.map_lines(lambda old: line if old.id == line.id else old)

    def map_lines(self, change: Callable[[Line], Line]) -> Script:
        """Return the script with `change` applied to each line."""
        return replace(self, lines=sort_lines(change(line) for line in self.lines))


def sort_lines(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return lines in a script's order: by start, then by id."""
    return tuple(sorted(lines, key=attrgetter("start", "id")))


def shift_words(words: Iterable[Word], shift: int) -> tuple[Word, ...]:
    """Return words moved by `shift` samples, though not before the programme's start."""
    return tuple(
        replace(word, start=max(0, word.start + shift), end=max(0, word.end + shift)) for word in words
    )


def remove_cuts(line: Line) -> Line:
    """Return the line without what depends on the sound of one take: cuts and keyframes. Gain, mute and fades
    stay."""
    return replace(line, clip=replace(line.clip, head=0, tail=0, levels=()))


def _list_some_ids(lines: tuple[Line, ...]) -> str:
    ids = [line.id for line in lines]
    shown = ", ".join(ids[:6]) + (" ..." if len(ids) > 6 else "")
    return f"There are: {shown}." if ids else "The script has no lines yet."
