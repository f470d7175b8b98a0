"""Tracks of faces: one face, in one shot, without a break."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rythmo.faces.model import Face, area, overlap
from rythmo.faces.rows import ROW, FaceRows, join_rows, pack_faces
from rythmo.faces.tracks import Shot, find_tracks, make_shots

RATE = 25.0
box = st.tuples(st.floats(0, 0.8), st.floats(0, 0.8), st.floats(0.02, 0.2), st.floats(0.02, 0.2)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


def at(x, size=0.2):
    return Face((x, 0.3, x + size, 0.3 + size))


def test_two_faces_that_pass_keep_their_tracks() -> None:
    frames = [(n, (at(0.1 + n * 0.002), at(0.7 - n * 0.002))) for n in range(50)]
    tracks = find_tracks(pack_faces(frames), make_shots((), 50), RATE)
    assert [(track.first, track.last, len(track.rows)) for track in tracks] == [(0, 50, 50), (0, 50, 50)]


def test_a_cut_ends_a_track_even_where_the_face_stays() -> None:
    frames = [(n, (at(0.4),)) for n in range(60)]
    tracks = find_tracks(pack_faces(frames), make_shots((30,), 60), RATE)
    assert [(track.shot, track.first, track.last) for track in tracks] == [(0, 0, 30), (1, 30, 60)]


def test_a_short_gap_is_bridged_and_a_long_one_is_not() -> None:
    short = [(n, (at(0.4),) if not 20 <= n < 28 else ()) for n in range(60)]
    long = [(n, (at(0.4),) if not 20 <= n < 40 else ()) for n in range(60)]
    assert len(find_tracks(pack_faces(short), make_shots((), 60), RATE)) == 1
    assert len(find_tracks(pack_faces(long), make_shots((), 60), RATE)) == 2


def test_what_flickers_is_no_face() -> None:
    frames = [(n, (at(0.4),) if n in (10, 11) else ()) for n in range(30)]
    assert find_tracks(pack_faces(frames), make_shots((), 30), RATE) == ()


def test_a_face_of_another_size_in_the_same_place_is_another() -> None:
    frames = [(n, (at(0.4),) if n < 20 else (at(0.4, 0.42),)) for n in range(40)]
    assert len(find_tracks(pack_faces(frames), make_shots((), 40), RATE)) == 2


def test_shots_cover_the_picture() -> None:
    assert make_shots((0, 10, 99), 50) == (Shot(0, 10), Shot(10, 50))
    assert make_shots((), 0) == ()


@given(box, box)
def test_overlap_is_a_share_and_the_same_both_ways(one, other) -> None:
    assert 0 <= overlap(one, other) <= 1 + 1e-9
    assert overlap(one, other) == overlap(other, one)
    assert overlap(one, one) > 0.999
    assert area(one) > 0


@given(st.lists(st.lists(box, max_size=4), min_size=1, max_size=40), st.integers(0, 40))
def test_a_track_has_at_most_one_face_a_frame_and_no_face_is_in_two(boxes, cut) -> None:
    rows = pack_faces((n, [Face(one) for one in there]) for n, there in enumerate(boxes))
    shots = make_shots((cut,), len(boxes))
    tracks = find_tracks(rows, shots, RATE)
    used = np.concatenate([track.rows for track in tracks]) if tracks else np.empty(0, int)
    assert len(set(used.tolist())) == len(used)
    for track in tracks:
        frames = rows["frame"][track.rows]
        assert (np.diff(frames) > 0).all()
        assert shots[track.shot].first <= frames[0]
        assert frames[-1] < shots[track.shot].last


def test_rows_keep_what_a_face_has_and_lacks() -> None:
    whole = Face((0, 0, 1, 1), ((0.5, 0.5),) * 8, 0.25, 10, -5, 3, 0.4, 0.9, bytes(range(64)))
    rows = pack_faces([(7, (whole, Face((0, 0, 0.5, 0.5))))])
    assert rows.dtype == ROW
    assert rows["frame"].tolist() == [7, 7]
    assert rows["opening"][0] == 0.25
    assert np.isnan(rows["opening"][1])
    assert bytes(rows["patch"][0]) == bytes(range(64))


def test_joined_stretches_keep_their_vectors_with_their_faces() -> None:
    one = FaceRows(
        pack_faces([(0, (at(0.1), at(0.5)))]), np.array([1], np.int32), np.ones((1, 3), np.float32)
    )
    none = FaceRows(pack_faces([]), np.empty(0, np.int32), np.empty((0, 0), np.float32))
    other = FaceRows(pack_faces([(9, (at(0.1),))]), np.array([0], np.int32), np.zeros((1, 3), np.float32))
    joined = join_rows([one, none, other])
    assert joined.described.tolist() == [1, 2]
    assert joined.vectors.tolist() == [[1, 1, 1], [0, 0, 0]]
    assert len(join_rows([]).rows) == 0
