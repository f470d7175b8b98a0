"""What is known of the faces of a programme, as it is kept in the project's `faces.json`. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from rythmo.faces.tracks import FaceTrack, Shot
from rythmo.script.on_screen import FaceName


@dataclass(frozen=True, slots=True)
class FacePerson:
    """A person seen in the programme: id ("F1" ...), speaker or "", and seconds on screen.

    `decided` says that a person named them.
    """

    id: str
    speaker: str
    seconds: float
    decided: bool = False
    example: tuple[int, float, float] = (0, 0.5, 0.5)
    """Where they are seen best: a frame, and the middle of the face in shares of the picture."""


@dataclass(frozen=True, slots=True)
class TrackNote:
    """A track: its number, shot (an index), frames [first, last) and person."""

    number: int
    shot: int
    first: int
    last: int
    person: str


@dataclass(frozen=True, slots=True)
class FaceChunk:
    """Frames [first, last) whose faces are in the cache under `key`."""

    first: int
    last: int
    key: str


@dataclass(frozen=True, slots=True)
class FaceMap:
    """The faces of a programme.

    Args:
        engine: The tracker with its version. rate: Frames a second, as a fraction in text. frames: How many
            there are. lag: How many frames later than the mouths the sound of the file is.
        shots: Frames [first, last) of each shot. names: What people had decided when it was made.
        picture: A hash of the picture; empty in maps that an older version made.
    """

    engine: str
    rate: str
    frames: int
    lag: int
    shots: tuple[Shot, ...]
    people: tuple[FacePerson, ...]
    tracks: tuple[TrackNote, ...]
    chunks: tuple[FaceChunk, ...]
    names: tuple[FaceName, ...] = ()
    picture: str = ""

    def is_of_other_picture(self, picture: str) -> bool:
        """Tell whether the faces were found in another cut than the one of that hash."""
        return bool(self.picture) and self.picture != picture

    @property
    def speakers(self) -> dict[str, str]:
        """The speaker of each person who is one."""
        return {person.id: person.speaker for person in self.people if person.speaker}


def note_track(track: FaceTrack, person: str) -> TrackNote:
    """Return what is kept of a track."""
    return TrackNote(track.number, track.shot, track.first, track.last, person)
