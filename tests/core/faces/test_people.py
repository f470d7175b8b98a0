"""People over cuts: by their vectors, and never two in one frame."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rythmo.faces.model import Face
from rythmo.faces.people import find_people
from rythmo.faces.rows import FaceRows, pack_faces
from rythmo.faces.tracks import find_tracks, make_shots


def scene(shots, same=0.5):
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
    return tracks, find_people(tracks, found, same)


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


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 24), st.sampled_from([0.33, 0.66, 1.23, 9.0]))
def test_people_are_those_of_a_plain_search(seed, count, same) -> None:
    draw = np.random.default_rng(seed)
    shots = [
        [(x, tuple(draw.normal(0, 0.5, 3).round(1))) for x in (0.1, 0.6)[: 1 + (draw.random() < 0.3)]]
        for _ in range(count)
    ]
    tracks, people = scene(shots, same)
    vectors = [np.float32(vector) for faces in shots for _, vector in faces]
    groups = [[index] for index in range(len(tracks))]

    def apart(one, other):
        if any(tracks[a].shot == tracks[b].shot for a in one for b in other):
            return np.inf
        return np.mean([np.linalg.norm(vectors[a] - vectors[b]) for a in one for b in other])

    while len(groups) > 1:
        pairs = [(apart(one, two), a, b) for a, one in enumerate(groups) for b, two in enumerate(groups[:a])]
        near, a, b = min(pairs)
        if near > same:
            break
        # Nearly equal distances may be merged in either order.
        assume(sum(abs(other - near) < 1e-4 for other, *_ in pairs) == 1)
        groups[b] += groups.pop(a)
    ours = {
        frozenset(t for t, track in enumerate(tracks) if people[track.number] == name)
        for name in people.values()
    }
    assert ours == {frozenset(group) for group in groups}


def test_who_is_seen_most_comes_first() -> None:
    _, people = scene([[(0.1, (1, 0))], [(0.1, (0, 1))], [(0.1, (0, 1))]])
    assert people == {1: "F2", 2: "F1", 3: "F1"}


def test_nobody_is_nobody() -> None:
    assert scene([[]]) == ((), {})
