"""What the picture shows of a speaker: on, partly, off, unclear; and why a face is no good for lips."""

from __future__ import annotations

import numpy as np
import pytest

from rythmo.faces.model import Face
from rythmo.faces.presence import FaceLimits, find_presence
from rythmo.faces.rows import pack_faces
from rythmo.faces.tracks import find_tracks, make_shots
from rythmo.script.on_screen import LipLimit, Presence

SKIN = bytes(np.linspace(60, 200, 64).astype(np.uint8))
HAND = bytes(np.random.default_rng(2).integers(0, 255, 64, dtype=np.uint8))
GOOD = {"points": ((0.5, 0.5),) * 8, "opening": 0.1, "sharpness": 0.3, "patch": SKIN}


def look(faces, first=0, last=50, named=None, limits=None):
    """`faces` are (frames, face) of one track each; the first is F1, said to be S1."""
    by_frame = {}
    for frames, face in faces:
        for frame in frames:
            by_frame.setdefault(frame, []).append(face(frame) if callable(face) else face)
    rows = pack_faces(sorted(by_frame.items()))
    tracks = find_tracks(rows, make_shots((), 100), 25.0)
    people = {track.number: f"F{track.number}" for track in tracks}
    return find_presence(
        first, last, "S1", tracks, rows, people, named or {"F1": "S1"}, limits or FaceLimits()
    )


def face(x=0.4, size=0.3, **more):
    return Face((x, 0.3, x + size, 0.3 + size), **(GOOD | more))


def test_on_partly_and_off() -> None:
    assert look([(range(100), face())]).presence is Presence.ON
    assert look([(range(25), face())]).presence is Presence.PARTLY
    assert look([(range(60, 100), face())]).presence is Presence.OFF


def test_somebody_else_is_not_the_speaker() -> None:
    seen = look([(range(100), face())], named={"F1": "S2"})
    assert (seen.presence, seen.face, seen.tracks) == (Presence.OFF, "", ())


def test_an_unknown_face_leaves_it_open() -> None:
    seen = look([(range(60, 100), face()), (range(50), face(0.1, 0.2))], named={"F2": "S1"})
    assert seen.presence is Presence.UNCLEAR


@pytest.mark.parametrize(
    ("limit", "made"),
    [
        (LipLimit.PROFILE, face(yaw=70.0)),
        (LipLimit.PROFILE, Face((0.4, 0.3, 0.5, 0.6))),
        (LipLimit.SMALL, face(size=0.05)),
        (LipLimit.BLURRED, face(sharpness=0.02)),
        (LipLimit.COVERED, lambda frame: face(patch=HAND if frame < 45 else SKIN)),
    ],
)
def test_a_face_that_is_no_good_for_lips_says_why(limit, made) -> None:
    # A hand before the mouth is told by the rest of the track.
    assert limit in look([(range(100), made)]).limits


def test_a_good_face_has_no_limits_and_a_moment_is_no_limit() -> None:
    assert look([(range(100), face())]).limits == ()
    assert look([(range(100), lambda frame: face(yaw=70.0 if frame < 10 else 0.0))]).limits == ()
