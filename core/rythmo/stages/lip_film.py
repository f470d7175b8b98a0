"""Write the picture of the whole film with all lips burnt in; the dubbed sound is added by the delivery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rythmo.lips.clips import FOLDER
from rythmo.lips.crops import CropPath
from rythmo.lips.lip_map import LipClip
from rythmo.media.planes import write_planes
from rythmo.project.workspace import hash_values, place_file
from rythmo.stages.context import Context
from rythmo.stages.lip_clips import blend_clip, choose_codec, place_parts
from rythmo.stages.lip_requests import FOLDER as CACHE
from rythmo.stages.lip_requests import STAGE
from rythmo.stages.lip_unit import FilmFrames

VERSION = 1
NAME = f"{FOLDER}/film-with-lips.mp4"


def run(
    clips: Sequence[LipClip], paths: Mapping[str, CropPath], film: FilmFrames, frames: int, context: Context
) -> str:
    """Return the file of the silent film, relative to the language's folder; "" where no lips were made."""
    parts = tuple(part for clip in clips for part in clip.parts)
    placed = place_parts(parts, paths, context)
    if not placed:
        return ""
    codec = choose_codec("h264", film.pixels)
    told = [(part.key, part.unit) for part in parts]
    context.step(STAGE, 0, 1, "the film with lips")
    made = context.artefacts.file(
        CACHE,
        hash_values("lip-film", VERSION, film.key, told, codec, film.pixels, frames),
        ".mp4",
        lambda target: write_planes(
            blend_clip(film, placed, 0, frames, context.cancel),
            film.pixels,
            target,
            film.rate,
            codec,
            cancel=context.cancel,
        ),
    )
    target = context.project.file(NAME)
    target.parent.mkdir(parents=True, exist_ok=True)
    place_file(made, target)
    return NAME
