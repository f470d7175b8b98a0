"""Where the faces are in some frames: for the page, and for whoever works on lips."""

from __future__ import annotations

from dataclasses import dataclass

from rythmo.faces.face_map import FaceMap
from rythmo.faces.model import Box, Point, make_box
from rythmo.faces.rows import FaceRows, join_rows
from rythmo.faces.tracks import find_tracks
from rythmo.project.workspace import Artefacts
from rythmo.stages import face_rows
from rythmo.timebase import snap_rate


@dataclass(frozen=True, slots=True)
class PlacedFace:
    """One face in one frame: its box and points in shares of the picture, its track, and whose it is.

    `points` are as in `faces.model.POINTS`; where the mesh did not see the face they are empty, and `opening`
    is None.
    """

    frame: int
    box: Box
    points: tuple[Point, ...]
    opening: float | None
    track: int
    person: str
    speaker: str


def find_placed_faces(artefacts: Artefacts, faces: FaceMap, first: int, last: int) -> tuple[PlacedFace, ...]:
    """Return the faces of frames [first, last), in order of frame; none where the cache was cleared."""
    shots = [shot for shot in faces.shots if shot.first < last and first < shot.last]
    if not shots:
        return ()
    start, end = shots[0].first, shots[-1].last
    rows = _load_between(artefacts, faces, start, end).rows
    rows = rows[(rows["frame"] >= start) & (rows["frame"] < end)]
    inside = {index for index, shot in enumerate(faces.shots) if shot in shots}
    # Whole shots are tracked again as they were, so that the tracks come out in the same order.
    notes = [note for note in faces.tracks if note.shot in inside]
    found = find_tracks(rows, shots, float(snap_rate(faces.rate)))
    placed = [
        PlacedFace(
            int(row["frame"]),
            make_box(row["box"].tolist()),
            tuple((float(x), float(y)) for x, y in row["points"]) if row["opening"] == row["opening"] else (),
            float(row["opening"]) if row["opening"] == row["opening"] else None,
            note.number,
            note.person,
            faces.speakers.get(note.person, ""),
        )
        for track, note in zip(found, notes, strict=False)
        for row in rows[track.rows]
        if first <= row["frame"] < last
    ]
    return tuple(sorted(placed, key=lambda face: (face.frame, face.track)))


def _load_between(artefacts: Artefacts, faces: FaceMap, start: int, end: int) -> FaceRows:
    chunks = [chunk for chunk in faces.chunks if chunk.first < end and start < chunk.last]
    return face_rows.load_chunks(artefacts, chunks) or join_rows([])
