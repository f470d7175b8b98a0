"""The faces of a line, as the page shows them on the picture."""

from __future__ import annotations

from rythmo.project.workspace import Project
from rythmo.script.model import Line
from rythmo.stages.face_boxes import find_placed_faces
from rythmo.stages.faces import load_faces
from rythmo.timebase import find_frame, frames_to_samples, snap_rate
from rythmo_plugin.service import schema

_DIGITS = 4


def view_faces(project: Project, line: Line) -> list[schema.FaceBox]:
    """Return the faces of all frames of a line, in order; none where nobody looked for faces."""
    faces = load_faces(project)
    if faces is None:
        return []
    rate = snap_rate(faces.rate)
    first, last = find_frame(line.start, rate), find_frame(line.end, rate) + 1
    boxes = []
    for face in find_placed_faces(project.artefacts, faces, first, last):
        left, top, right, bottom = (round(edge, _DIGITS) for edge in face.box)
        boxes.append(
            schema.FaceBox(
                at=frames_to_samples(face.frame, rate),
                left=left,
                top=top,
                right=right,
                bottom=bottom,
                face=face.person,
                speaker=face.speaker or None,
            )
        )
    return boxes
