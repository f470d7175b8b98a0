"""Find the faces in the picture, in chunks of whole seconds; each chunk is an artefact of its own.

Some frames are in memory at a time, however long the film is, and a run that was killed goes on with the
chunk that it was in.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from zipfile import BadZipFile

import msgspec
import numpy as np

from rythmo.engines.base import Kind
from rythmo.faces.face_map import FaceChunk
from rythmo.faces.model import Face, Picture
from rythmo.faces.rows import ROW, FaceRows, join_rows, pack_faces
from rythmo.faces.tracks import Shot
from rythmo.files import write_atomically
from rythmo.media.frames import read_frames
from rythmo.media.media_info import MediaInfo
from rythmo.project.sealed import seal, unseal
from rythmo.project.workspace import Artefacts, hash_values
from rythmo.stages.context import Context

VERSION = 1
STAGE = "faces"
FOLDER, SUFFIX = "faces", ".npz"
_CHUNK_SECONDS = 20
_BATCH = 16
_HEIGHT = 720
"""Faces are looked for at this height at most: the mesh looks at 192 pixels of each."""
_DESCRIBE_FIRST, _DESCRIBE_EVERY = 0.2, 3.0
"""Seconds into a shot at which faces are described, and between times after that."""
_FRONTAL = 60.0


@dataclass(frozen=True, slots=True)
class FilmPicture:
    """The picture that faces are looked for in: a film's, with its shots, and a hash of its content."""

    info: MediaInfo
    shots: tuple[Shot, ...]
    key: str

    @property
    def rate(self) -> float:
        """Frames a second."""
        assert self.info.video is not None
        return float(self.info.video.frame_rate)


def run(picture: FilmPicture, context: Context) -> tuple[tuple[FaceChunk, ...], list[FaceRows]]:
    """Return the chunks of the whole picture, and the faces of each."""
    last = picture.shots[-1].last if picture.shots else 0
    step = max(1, round(_CHUNK_SECONDS * picture.rate))
    stamp = context.engines.stamp(Kind.FACE_TRACKER)
    edges = [*range(0, last, step), last]
    chunks, found = [], []
    for first, after in pairwise(edges):
        context.step(STAGE, first, last)
        inside = _parts(picture.shots, first, after)
        key = hash_values(STAGE, VERSION, picture.key, stamp, first, after, inside, _HEIGHT)
        chunks.append(FaceChunk(first, after, key))
        found.append(_find_or_load(picture, inside, chunks[-1], context))
    context.step(STAGE, last, last)
    return tuple(chunks), found


def load_rows(artefacts: Artefacts, key: str) -> FaceRows | None:
    """Return the faces of a chunk from the cache; None where they are missing or damaged."""
    path = artefacts.path(FOLDER, key, SUFFIX)
    with suppress(OSError, ValueError, KeyError, EOFError, BadZipFile, msgspec.MsgspecError):
        with np.load(io.BytesIO(unseal(path.read_bytes())), allow_pickle=False) as data:
            rows, described, vectors = data["rows"], data["described"], data["vectors"]
        if rows.dtype == ROW and rows.ndim == described.ndim == 1 and vectors.ndim == 2:
            return FaceRows(rows, described.astype(np.int32), vectors.astype(np.float32))
    return None


def load_chunks(artefacts: Artefacts, chunks: Sequence[FaceChunk]) -> FaceRows | None:
    """Return the faces of chunks that follow each other; None where one is missing or damaged."""
    parts = [load_rows(artefacts, chunk.key) for chunk in chunks]
    known = [part for part in parts if part is not None]
    return join_rows(known) if len(known) == len(parts) else None


def _find_or_load(
    picture: FilmPicture, parts: Sequence[Shot], chunk: FaceChunk, context: Context
) -> FaceRows:
    known = load_rows(context.artefacts, chunk.key)
    if known is not None:
        return known
    found = _find(picture, parts, context)
    data = io.BytesIO()
    np.savez_compressed(data, rows=found.rows, described=found.described, vectors=found.vectors)
    write_atomically(context.artefacts.path(FOLDER, chunk.key, SUFFIX), seal(data.getvalue()))
    return found


def _parts(shots: Sequence[Shot], first: int, last: int) -> tuple[Shot, ...]:
    """Return the parts of shots that lie in frames [first, last)."""
    return tuple(
        Shot(max(shot.first, first), min(shot.last, last))
        for shot in shots
        if shot.first < last and first < shot.last
    )


def _find(picture: FilmPicture, parts: Sequence[Shot], context: Context) -> FaceRows:
    """Find the faces of shots, or of parts of them, that follow each other."""
    frames = read_frames(picture.info, parts[0].first, parts[-1].last, height=_HEIGHT, cancel=context.cancel)
    seen: list[tuple[int, tuple[Face, ...]]] = []
    described: list[int] = []
    vectors: list[np.ndarray[tuple[int], np.dtype[np.float32]]] = []
    count = 0
    for part in parts:
        before: tuple[Face, ...] = ()
        for first, batch in _batches(frames, part):
            with context.engines.turn(Kind.FACE_TRACKER, cancel=context.cancel):
                found = context.engines.face_tracker().find_faces(batch, before=before, cancel=context.cancel)
            before = found[-1]
            for number, (frame, faces) in enumerate(zip(batch, found, strict=True), first):
                seen.append((number, faces))
                if faces and _is_described(number - part.first, picture.rate):
                    indices, rows = _describe(frame, faces, context)
                    described += [count + index for index in indices]
                    vectors += rows
                count += len(faces)
    return FaceRows(
        pack_faces(seen),
        np.array(described, np.int32),
        np.stack(vectors) if vectors else np.empty((0, 0), np.float32),
    )


def _batches(frames: Iterator[Picture], part: Shot) -> Iterator[tuple[int, list[Picture]]]:
    """Yield (number of the first frame, frames) of a part; a film that ends early has fewer."""
    for first in range(part.first, part.last, _BATCH):
        batch = list(islice(frames, min(_BATCH, part.last - first)))
        if batch:
            yield first, batch


def _is_described(since: int, rate: float) -> bool:
    return (since - round(_DESCRIBE_FIRST * rate)) % max(1, round(_DESCRIBE_EVERY * rate)) == 0


def _describe(
    frame: Picture, faces: Sequence[Face], context: Context
) -> tuple[list[int], list[np.ndarray[tuple[int], np.dtype[np.float32]]]]:
    """Return the indices of the faces that are described, and their vectors."""
    chosen = [index for index, face in enumerate(faces) if face.points and abs(face.yaw) < _FRONTAL]
    if not chosen:
        return [], []
    rows = context.engines.face_tracker().describe_faces(
        frame, [faces[index] for index in chosen], cancel=context.cancel
    )
    return chosen, list(rows)


def film_picture(info: MediaInfo, shots: tuple[Shot, ...], digest: str) -> FilmPicture:
    """Return the picture of a film whose content has that hash."""
    return FilmPicture(info, shots, hash_values("picture", digest))


def faces_file(home: Path) -> Path:
    """Return where a project keeps its `FaceMap`."""
    return home / "faces.json"
