"""What was made of the lips of a dub, as it is kept in the `lips.json` of its language. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from rythmo.lips.units import LipUnit, SkippedFrames


@dataclass(frozen=True, slots=True)
class LipPart:
    """A unit whose lips were made: its artefact in the cache, and the side of its crops in pixels."""

    unit: LipUnit
    key: str
    size: int


@dataclass(frozen=True, slots=True)
class LipClip:
    """One clip: the whole picture of frames [first, last) with new lips, and `head` and `tail` frames more.

    Parts whose frames overlap lie in one clip, so that clips never lie over each other. `file` is relative to
    the language's folder.
    """

    name: str
    file: str
    shot: int
    first: int
    last: int
    head: int
    tail: int
    parts: tuple[LipPart, ...]
    key: str = ""
    """Its artefact in the cache."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines whose lips it holds, in order."""
        return tuple(dict.fromkeys(part.unit.line for part in self.parts))


@dataclass(frozen=True, slots=True)
class BurntFilm:
    """The silent film with all lips burnt in: its file in the language's folder, and a hash of it."""

    file: str
    key: str


@dataclass(frozen=True, slots=True)
class LipMap:
    """The lips of one dubbed language.

    Args:
        engine: The engine with its version. draft: Whether its results are drafts. rate: Frames a second, as
            a fraction in text. burnt: The film with all lips burnt in; None where none was asked for.
        picture: A hash of the picture that they were made for; empty in maps that an older version made.
    """

    engine: str
    draft: bool
    rate: str
    clips: tuple[LipClip, ...]
    skipped: tuple[SkippedFrames, ...]
    burnt: BurntFilm | None = None
    notes: tuple[str, ...] = ()
    picture: str = ""

    def is_of_other_picture(self, picture: str) -> bool:
        """Tell whether the lips were made for another cut than the one of that hash."""
        return bool(self.picture) and self.picture != picture

    def find_parts(self, line: str) -> tuple[LipPart, ...]:
        """Return the parts of a line."""
        return tuple(part for clip in self.clips for part in clip.parts if part.unit.line == line)

    def find_skipped(self, line: str) -> tuple[SkippedFrames, ...]:
        """Return the frames of a line that have no new lips."""
        return tuple(one for one in self.skipped if one.line == line)

    def describe_line(self, line: str) -> str:
        """Return what happened to a line's lips: `2.1 s`, or why there are none; "" where nobody tried."""
        rate = _to_float(self.rate)
        seconds = sum(part.unit.count for part in self.find_parts(line)) / rate
        words = [f"{seconds:.1f} s"] if seconds else []
        for one in self.find_skipped(line):
            detail = f" ({one.detail})" if one.detail else ""
            words.append(f"{one.reason.value}{detail} {(one.last - one.first) / rate:.1f} s")
        return ", ".join(words)


def _to_float(rate: str) -> float:
    above, _, below = rate.partition("/")
    return float(above) / float(below or 1)
