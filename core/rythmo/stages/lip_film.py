"""Write the picture of the whole film with all lips burnt in; the dubbed sound is added by the delivery.

The film is encoded in segments of some seconds, which are joined packet by packet. Each segment is an
artefact: a run that was killed goes on with the segment that it was in, and after an edit only segments whose
lips changed are encoded again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from rythmo.faces.tracks import Shot
from rythmo.files import make_atomically
from rythmo.lips.clips import FOLDER
from rythmo.lips.crops import CropPath
from rythmo.lips.lip_map import BurntFilm, LipClip
from rythmo.lips.segments import plan_segments
from rythmo.media.joined_film import join_pieces
from rythmo.media.planes import write_planes
from rythmo.project.workspace import hash_values
from rythmo.stages.context import Context
from rythmo.stages.lip_clips import PlacedPart, blend_clip, choose_codec, place_parts
from rythmo.stages.lip_requests import FOLDER as CACHE
from rythmo.stages.lip_requests import STAGE
from rythmo.stages.lip_unit import FilmFrames

VERSION = 2
NAME = f"{FOLDER}/film-with-lips.mp4"
_CODEC = {"preset": "veryfast", "crf": 11}
"""The whole film in half the time that clips take for a frame, as near to the source (45 dB and more) and a
tenth larger; clips are short."""


def run(
    clips: Sequence[LipClip],
    paths: Mapping[str, CropPath],
    film: FilmFrames,
    shots: Sequence[Shot],
    before: BurntFilm | None,
    context: Context,
) -> BurntFilm | None:
    """Return the silent film in the language's folder; None where no lips were made.

    `before` is the film that lies there already, which stays if it is the same.
    """
    placed = place_parts(tuple(part for clip in clips for part in clip.parts), paths, context)
    if not placed:
        return None
    spans = plan_segments(shots, float(film.rate))
    pieces = []
    for number, span in enumerate(spans):
        context.step(STAGE, number, len(spans), "the film with lips")
        pieces.append(_write_segment(span, placed, film, context))
    found = BurntFilm(NAME, hash_values("lip-film", VERSION, [piece.stem for piece in pieces]))
    target = context.project.file(NAME)
    if found != before or not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        _join(pieces, film.rate, target, context)
    return found


def _write_segment(
    span: tuple[int, int], placed: Sequence[PlacedPart], film: FilmFrames, context: Context
) -> Path:
    first, last = span
    inside = [one for one in placed if one.part.unit.first < last and first < one.part.unit.last]
    codec = {**choose_codec("h264", film.pixels), **_CODEC}
    told = [(one.part.key, one.part.unit) for one in inside]
    key = hash_values("lip-film-part", VERSION, film.key, told, codec, film.pixels, first, last)

    def make(target: Path) -> None:
        frames = blend_clip(film, inside, first, last, context.cancel)
        write_planes(frames, film.pixels, target, film.rate, codec, cancel=context.cancel)

    return context.artefacts.file(CACHE, key, ".mp4", make)


def _join(pieces: Sequence[Path], rate: Fraction, target: Path, context: Context) -> None:
    make_atomically(target, lambda file: join_pieces(pieces, rate, file, "mp4", cancel=context.cancel))
