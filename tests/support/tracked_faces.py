"""Faces in frames, as a tracker finds them, and their tracks: for tests of who gets new lips."""

from __future__ import annotations

import numpy as np

from rythmo.faces.model import Face
from rythmo.faces.rows import pack_faces
from rythmo.faces.tracks import find_tracks, make_shots
from rythmo.lips.units import SeenFaces

SKIN = bytes(np.linspace(60, 200, 64).astype(np.uint8))
HAND = bytes(np.random.default_rng(2).integers(0, 255, 64, dtype=np.uint8))
GOOD = {"points": ((0.5, 0.5),) * 8, "opening": 0.1, "sharpness": 0.3, "patch": SKIN}


def face(x=0.1, size=0.3, **more):
    return Face((x, 0.3, x + size, 0.3 + size), **(GOOD | more))


def look(tracks, cuts=(), speakers=None, frames=200):
    """`tracks` are (frames, face or a function of the frame). Faces on the left are F1, who is S1."""
    by_frame = {}
    for numbers, one in tracks:
        for number in numbers:
            by_frame.setdefault(number, []).append(one(number) if callable(one) else one)
    rows = pack_faces(sorted(by_frame.items()))
    shots = make_shots(cuts, frames)
    found = find_tracks(rows, shots, 25.0)
    # Tracks on the left are F1, those on the right F2.
    people = {track.number: "F1" if rows["box"][track.rows[0], 0] < 0.5 else "F2" for track in found}
    return SeenFaces(rows, found, people, speakers or {"F1": "S1", "F2": "S2"}, shots, 25.0)
