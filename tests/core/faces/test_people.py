"""People over cuts: by their vectors, and never two in one frame."""

from __future__ import annotations

import numpy as np

from rythmo.faces.model import Face
from rythmo.faces.people import find_people
from rythmo.faces.rows import FaceRows, pack_faces
from rythmo.faces.tracks import find_tracks, make_shots


def scene(shots):
    """`shots` are lists of (x, vector) of 20 frames each; a vector of None: never described."""
    frames, described, vectors, row = [], [], [], 0
    for number, faces in enumerate(shots):
        for frame in range(20):
            frames.append((number * 20 + frame, [Face((x, 0.3, x + 0.2, 0.6)) for x, _ in faces]))
            for _, vector in faces:
                if frame == 5 and vector is not None:
                    described.append(row)
                    vectors.append(vector)
                row += 1
    found = FaceRows(pack_faces(frames), np.array(described, np.int32), np.array(vectors, np.float32))
    cuts = tuple(range(20, 20 * len(shots), 20))
    tracks = find_tracks(found.rows, make_shots(cuts, 20 * len(shots)), 25.0)
    return tracks, find_people(tracks, found, 0.5)


def test_a_face_is_known_again_after_the_camera_switches() -> None:
    tracks, people = scene([[(0.1, (1, 0))], [(0.6, (0, 1))], [(0.3, (0.9, 0.1))]])
    assert [people[track.number] for track in tracks] == ["F1", "F2", "F1"]


def test_two_faces_in_one_frame_are_two_people_however_alike() -> None:
    tracks, people = scene([[(0.1, (1, 0)), (0.6, (1, 0.05))], [(0.3, (1, 0))]])
    names = [people[track.number] for track in tracks]
    assert names[0] != names[1]
    assert names[2] == names[0]


def test_a_face_that_was_never_seen_well_stands_alone() -> None:
    tracks, people = scene([[(0.1, (1, 0))], [(0.1, None)]])
    assert len({people[track.number] for track in tracks}) == 2


def test_who_is_seen_most_comes_first() -> None:
    _, people = scene([[(0.1, (1, 0))], [(0.1, (0, 1))], [(0.1, (0, 1))]])
    assert people == {1: "F2", 2: "F1", 3: "F1"}


def test_nobody_is_nobody() -> None:
    assert scene([[]]) == ((), {})
