"""Read what a project found of faces before: each of them, its track, whose it is, and who speaks with it."""

from __future__ import annotations

from fractions import Fraction

from rythmo.faces.face_map import FaceMap
from rythmo.faces.tracks import find_tracks
from rythmo.lips.units import SeenFaces
from rythmo.project.workspace import Artefacts
from rythmo.stages import face_rows


def load_seen(artefacts: Artefacts, faces: FaceMap) -> SeenFaces | None:
    """Return the faces of the whole programme; None where the cache was cleared."""
    found = face_rows.load_chunks(artefacts, faces.chunks)
    if found is None:
        return None
    rate = float(Fraction(faces.rate))
    people = {track.number: track.person for track in faces.tracks}
    tracks = [track for track in find_tracks(found.rows, faces.shots, rate) if track.number in people]
    return SeenFaces(found.rows, tracks, people, faces.speakers, faces.shots, rate)
