"""A film of coloured squares: two faces, a cut within a line, a voice that is not seen, a face that turns."""

from __future__ import annotations

from face_film import FilmedShot, Square

from rythmo.settings import DeliverSettings, FaceSettings, Settings

SETTINGS = Settings(deliver=DeliverSettings("otio,srt"), faces=FaceSettings(find=True))
SECOND = 48_000
RED, GREEN, BLUE = range(3)
# Speaker 0 is the red face, speaker 1 the green one. Speaker 2 is never seen: a voice on the phone.
SPEECH = (
    (0, SECOND // 2, 2 * SECOND),
    (1, 3 * SECOND, 2 * SECOND),
    (2, 6 * SECOND, 2 * SECOND),
    (0, 9 * SECOND, 2 * SECOND),
    (1, 12 * SECOND, 2 * SECOND),
)
TWO = (Square(RED, 90, says=0), Square(GREEN, 230, says=1))
SHOTS = (
    FilmedShot(145, TWO, 120),
    FilmedShot(75, (Square(GREEN, 160, side=80, says=1),), 30),  # the listener, while the phone talks
    FilmedShot(30, (Square(RED, 160, side=90, says=0),), 200),  # the cut after this falls into red's line
    FilmedShot(55, (Square(GREEN, 160, side=80, says=1),), 40),
    FilmedShot(15, (Square(GREEN, 160, side=80, says=1),), 210),  # who turns away while speaking
    FilmedShot(45, (Square(GREEN, 160, side=80, turned=True, says=1),), 210),
)

# Two people in one shot, then one of them alone while the other speaks.
SHORT_SPEECH = (
    (0, SECOND // 2, 3 * SECOND // 2),
    (1, 5 * SECOND // 2, 3 * SECOND // 2),
    (0, 5 * SECOND, 3 * SECOND // 4),
)
SHORT_SHOTS = (
    FilmedShot(112, (Square(RED, 90, says=0), Square(GREEN, 230, says=1))),
    FilmedShot(40, (Square(GREEN, 160, side=80, says=1),), 30),
)
