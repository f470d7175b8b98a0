"""What people decided about faces: find whom a decision is about, and carry it over to another cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from rythmo.counts import format_count
from rythmo.faces.face_map import FaceMap
from rythmo.faces.people import Floats, group_tracks, mean_vector
from rythmo.faces.rows import FaceRows, Rows
from rythmo.faces.tracks import FaceTrack, find_tracks
from rythmo.project.workspace import Artefacts
from rythmo.script.on_screen import FaceName
from rythmo.stages import face_rows


@dataclass(frozen=True, slots=True, eq=False)
class GroupedFaces:
    """Faces with their tracks, and the person of each track by its number."""

    found: FaceRows
    tracks: Sequence[FaceTrack]
    people: Mapping[int, str]

    def find_person(self, name: FaceName) -> str:
        """Return the person that a decision is about: the face nearest to where it points; "" for none."""
        there = [track for track in self.tracks if track.first <= name.frame < track.last]
        if not there:
            return ""
        return self.people[min(there, key=lambda one: _distance(one, self.found.rows, name)).number]

    def describe_people(self) -> dict[str, Floats]:
        """Return the mean vector of each person that has one, weighted by the lengths of the tracks."""
        described = {}
        for person, tracks in group_tracks(self.tracks, self.people).items():
            vectors = [(len(one.rows), mean_vector(one, self.found)) for one in tracks]
            seen = [(weight, vector) for weight, vector in vectors if vector is not None]
            if seen:
                described[person] = np.average(
                    [one[1] for one in seen], axis=0, weights=[one[0] for one in seen]
                )
        return described


def _distance(track: FaceTrack, rows: Rows, name: FaceName) -> float:
    own = rows[track.rows]
    box = own["box"][int(np.abs(own["frame"] - name.frame).argmin())]
    return float(np.hypot((box[0] + box[2]) / 2 - name.x, (box[1] + box[3]) / 2 - name.y))


def assign_speakers(names: Sequence[FaceName], faces: GroupedFaces) -> dict[str, str]:
    """Return the speaker of each person whom somebody named."""
    return {person: name.speaker for name in names if (person := faces.find_person(name))}


def carry_over_names(
    names: Sequence[FaceName],
    before: FaceMap,
    now: GroupedFaces,
    examples: Mapping[str, tuple[int, float, float]],
    same_person: float,
    artefacts: Artefacts,
) -> tuple[tuple[FaceName, ...], tuple[str, ...]]:
    """Return decisions that were made in another cut as places in this one, and notes for the user.

    A decision is a place in the picture, where now somebody else may be seen. The face that it was about is
    known again by its vectors. A decision about a face that is not in this cut is dropped, and a note says
    so.

    Args:
        names: The decisions.
        before: What was known of the faces of the cut that they were made in.
        now: The faces of this cut.
        examples: Where each of its people is seen best: a frame, and x and y in shares of the picture.
        same_person: The largest distance between the vectors of one person.
        artefacts: The cache, which may still have the vectors of the other cut.
    """
    old = _load_faces(before, artefacts)
    known = old.describe_people() if old else {}
    here = now.describe_people()
    kept: dict[str, FaceName] = {}
    for name in names:
        vector = known.get(old.find_person(name)) if old else None
        person = _find_nearest(vector, here, same_person) if vector is not None else ""
        if person:
            frame, x, y = examples[person]
            kept[person] = replace(name, frame=frame, x=x, y=y)
    lost = len(names) - len(kept)
    if not lost:
        return tuple(kept.values()), ()
    note = (
        f"{format_count(lost, 'decision')} about faces of the earlier cut could not be carried over to this "
        "one. Look at who is who: rythmo faces PROJECT."
    )
    return tuple(kept.values()), (note,)


def _find_nearest(vector: Floats, people: Mapping[str, Floats], same_person: float) -> str:
    """Return the person whose vector is nearest, if it is near enough to be the same one; else ""."""
    distances = {name: float(np.linalg.norm(vector - other)) for name, other in people.items()}
    nearest = min(distances, key=lambda name: distances[name], default="")
    return nearest if nearest and distances[nearest] <= same_person else ""


def _load_faces(known: FaceMap, artefacts: Artefacts) -> GroupedFaces | None:
    """Return the faces of an earlier look; None where the cache was cleared."""
    found = face_rows.load_chunks(artefacts, known.chunks)
    if found is None:
        return None
    people = {track.number: track.person for track in known.tracks}
    tracks = find_tracks(found.rows, known.shots, float(Fraction(known.rate)))
    return GroupedFaces(found, [track for track in tracks if track.number in people], people)
