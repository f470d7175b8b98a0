"""The scene's words: who says what, and how long after the line before."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

RATE = 48_000
FRAME_RATE = Fraction(24_000, 1001)
START_TIMECODE = "01:00:00:00"
AUDIO_DELAY = RATE // 2
"""The file's audio begins half a second after its picture."""
FIRST_LINE = int(2.8 * RATE)
TAIL = int(3.9 * RATE)
"""From the last word to the end of the programme."""

SPEAKERS = ("ANNA", "GEORGE", "GUARD")


@dataclass(frozen=True, slots=True)
class Cue:
    """One line. `|` is a pause of `pause_ms` within it; `gap_ms` counts from the end of the line before.

    A negative gap lets it overlap that line. `stretch` is slower above 1.
    """

    speaker: str
    text: str
    gap_ms: int
    stretch: float = 1.0
    pause_ms: int = 450
    level_db: float = 0.0

    @property
    def plain(self) -> str:
        """The words alone."""
        return " ".join(self.text.replace("|", " ").split())


CUES = (
    Cue("ANNA", "Excuse me, sir. May I sit here?", 0),
    Cue("GEORGE", "Of course. Please have a seat.", 420),
    Cue("ANNA", "I was afraid I was too late.", 350),
    Cue("GEORGE", "It is a long way to the coast.", 550),
    Cue("ANNA", "Wait. | What was that?", 3300, 1.0, 620),
    Cue("GEORGE", "What was what?", 400),
    Cue("ANNA", "I think there is something inside.", 300),
    Cue("GEORGE", "It is only an old radio. | It belonged to my father.", 700, 1.0, 500),
    Cue("GUARD", "Good evening, everyone. Tickets, please.", 1500),
    Cue("GUARD", "Excuse me, sir. What do you have in the bag?", 1100),
    Cue("ANNA", "It is a cat!", 300),
    Cue("GUARD", "Animals are not allowed on this train.", 400),
    Cue("GEORGE", "Please, sir. She is all I have.", -450),
    Cue("GEORGE", "I have not seen my daughter for seven years. | We are going home.", 800, 1.0, 500),
    Cue("ANNA", "Please. It is only one night.", 500),
    Cue("GUARD", "The rules are very clear. No animals after midnight.", 900),
    Cue("GUARD", "But my watch | stopped an hour ago.", 1900, 1.0, 400),
    Cue("GUARD", "So, what do you have in the bag?", 700),
    Cue("GEORGE", "An old radio. | And it needs a little milk.", 700, 1.0, 550),
    Cue("GUARD", "Good night, sir.", 800),
)
