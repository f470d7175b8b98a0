"""Whether a line's speaker is on screen while it is said. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Presence(StrEnum):
    """Whether the speaker is seen while a line is said."""

    ON = "on"
    PARTLY = "partly"
    OFF = "off"
    UNCLEAR = "unclear"
    """Somebody is seen, and nobody knows who that is."""


class LipLimit(StrEnum):
    """A reason why a face is no good for reading or changing its lips."""

    PROFILE = "profile"
    SMALL = "small"
    COVERED = "covered"
    BLURRED = "blurred"


class PictureUnder(StrEnum):
    """Which picture an edited timeline shows where an editor moved a line to."""

    STAYED = "stayed"
    """The programme's own picture of that time: the line moved alone."""
    FOLLOWED = "followed"
    """The picture that the line was said in: the shot moved along with it."""


@dataclass(frozen=True, slots=True)
class OnScreen:
    """What the picture shows of a line's speaker.

    Args:
        presence: Whether the speaker is seen. share: The share of the line's time in which they are.
        face: The person, as in `faces.json`; empty when nobody is known.
        tracks: The numbers of the tracks that show them during the line.
        limits: What is wrong with the face for most of the time that it is seen.
        opens: Of a line that is partly seen: whether that is more at its beginning than at its end.
        sync: The correlation of the mouth with the original's sound; None where it cannot be measured.
        lag_ms: How much later than the mouth the sound comes.
    """

    presence: Presence
    share: float = 0.0
    face: str = ""
    tracks: tuple[int, ...] = ()
    limits: tuple[LipLimit, ...] = ()
    opens: bool = False
    sync: float | None = None
    lag_ms: int | None = None

    @property
    def code(self) -> str:
        """The code of dialogue lists: ON, OFF, ON_OFF (seen, then not), OFF_ON; "" where it is unclear."""
        if self.presence is Presence.PARTLY:
            return "ON_OFF" if self.opens else "OFF_ON"
        return "" if self.presence is Presence.UNCLEAR else self.presence.value.upper()


@dataclass(frozen=True, slots=True)
class FaceName:
    """A person's decision who a face is: the face at (x, y) of a frame, in shares of the picture.

    It holds whatever number the face has after another run. `speaker` is empty for somebody who says nothing.
    """

    frame: int
    x: float
    y: float
    speaker: str
