"""The faces of a programme and of a line, as the page shows them."""

from __future__ import annotations

from pathlib import Path

from rythmo.faces.face_map import FaceMap, FacePerson
from rythmo.project.workspace import Project
from rythmo.script.face_edits import find_face_name
from rythmo.script.model import Line, Script
from rythmo.stages.face_boxes import find_placed_faces
from rythmo.stages.faces import load_faces
from rythmo.timebase import find_frame, frames_to_samples, snap_rate
from rythmo_plugin.service import picture_proxy, schema
from rythmo_plugin.service.api_errors import not_found
from rythmo_plugin.service.projects import OpenProject
from rythmo_plugin.service.views import FACE, Views

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


def view_people(open_: OpenProject, script: Script, views: Views) -> list[schema.FacePerson]:
    """Return everybody who is seen, who is seen longest first; none where nobody looked for faces.

    What a person decided after the last look counts at once.
    """
    faces = load_faces(open_.project)
    if faces is None:
        return []
    people = sorted(faces.people, key=lambda person: -person.seconds)
    return [_view_person(person, faces, open_, script, views) for person in people]


def _view_person(
    person: FacePerson, faces: FaceMap, open_: OpenProject, script: Script, views: Views
) -> schema.FacePerson:
    named = find_face_name(script, *person.example)
    # A decision that was taken back meanwhile leaves nobody until the faces are looked at again.
    speaker = named.speaker if named else "" if person.decided and not script.faces else person.speaker
    info = picture_proxy.probe_source(open_.media(script))
    still = views.media(open_.id, f"{FACE}{person.id}", info.path) if info and info.video else None
    return schema.FacePerson(
        id=person.id,
        speaker=speaker or None,
        decided=named is not None or (person.decided and bool(script.faces)),
        seconds=person.seconds,
        at=frames_to_samples(person.example[0], snap_rate(faces.rate)),
        still=still,
    )


def require_face(project: Project, face: str) -> FacePerson:
    """Return somebody who is seen. Raises ApiError (404)."""
    faces = load_faces(project)
    for person in faces.people if faces else ():
        if person.id == face:
            return person
    raise not_found("face", face)


def make_face_still(open_: OpenProject, source: Path, face: str) -> Path:
    """Return a still of a face where it is seen best. Raises ApiError (404), MediaError and OutputError."""
    faces = load_faces(open_.project)
    if faces is None:
        raise not_found("face", face)
    frame = require_face(open_.project, face).example[0]
    placed = find_placed_faces(open_.project.artefacts, faces, frame, frame + 1)
    found = next((one for one in placed if one.person == face), None)
    if found is None:
        raise not_found("face", face)
    return picture_proxy.make_still(source, open_.project.home, frame, found.box)
