"""Make the lips of a dub: plan the units, make each, write the clips, and keep what was made in `lips.json`.

Runs on request (`--lips`), after the mix. A run that was killed goes on with the unit that it was in, and a
line whose take changed remakes its own lips alone, because every unit and every clip is an artefact.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction

import msgspec

from rythmo.casting.cast_file import Cast
from rythmo.casting.consent import Use, parse_territories, read_utc_date
from rythmo.casting.face_consent import FaceConsent, find_face_consent
from rythmo.counts import format_count
from rythmo.engines.base import Kind
from rythmo.errors import EngineError, EngineMissingError, EngineRefusedError, ScriptError, UsageError
from rythmo.executors import start_workers
from rythmo.faces.face_map import FaceMap
from rythmo.faces.presence import FaceLimits
from rythmo.files import write_atomically
from rythmo.lips.clips import make_clips
from rythmo.lips.crops import CropPath
from rythmo.lips.lip_map import LipClip, LipMap, LipPart
from rythmo.lips.units import DubbedLine, LipSkip, LipUnit, SeenFaces, SkippedFrames, plan_lips
from rythmo.media.audio import Audio
from rythmo.media.planes import find_pixel_format
from rythmo.media.wav import read_audio
from rythmo.mix.placed_sound import placed_path
from rythmo.project.workspace import Project, place_file
from rythmo.script import store
from rythmo.script.model import Line, Script
from rythmo.script.on_screen import PictureUnder, Presence
from rythmo.settings import Settings
from rythmo.stages import lip_clips, lip_film
from rythmo.stages.cast import cast_of
from rythmo.stages.context import Context
from rythmo.stages.face_rows import FilmPicture
from rythmo.stages.faces import DECIDED, DISAGREES, load_faces, open_picture
from rythmo.stages.ingest import Ingested
from rythmo.stages.lip_requests import STAGE, is_sent
from rythmo.stages.lip_unit import FilmFrames, lay_sound, make_lips, plan_unit_crop
from rythmo.stages.seen_faces import load_seen
from rythmo.timebase import SAMPLE_RATE, find_frame, frames_to_samples

FILE = "lips.json"
_MOST_RAMP = 12
_OTHER_CUT = (
    "The picture is another cut than the one in which faces were found, so no lips were made. Dub it again: "
    "rythmo dub FILM --faces --lips ENGINE."
)
_SHOT_FOLLOWED = "in the edited timeline its shot moved along; in this project it did not"
_NOT_SHOWN = "the edited timeline does not show which; rythmo faces PROJECT --line LINE=on uses this one"


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """What the units of a programme are made from."""

    script: Script
    seen: SeenFaces
    film: FilmFrames
    limits: FaceLimits
    lag: int
    frames: int
    cast: Cast


def run(
    script: Script, ingested: Ingested, context: Context, *, only: Collection[str] = ()
) -> tuple[LipMap | None, tuple[str, ...]]:
    """Make the lips, and return what was made, and notes for the user.

    With `only`, lips of these lines are made, and those of others kept where they are still right. Raises
    EngineMissingError when no engine is ready, UsageError for a wrong setting, MediaError, OutputError.
    """
    _check_settings(context)
    context.engines.spec(Kind.LIP_SYNC)
    faces = load_faces(context.project)
    if faces is None:
        return None, ("Nobody has looked for faces yet, so no lips were made (rythmo faces PROJECT --find).",)
    picture = open_picture(ingested, context)
    if picture is not None and faces.is_of_other_picture(picture.key):
        drop_stale_lips(ingested, context)
        return None, (_OTHER_CUT,)
    work = _open_work(script, picture, faces, context)
    if work is None:
        return None, ("The faces are no longer in the cache, so no lips were made. Find them again.",)
    lines = [part for line in script.lines for part in _plan_line(line, work, context)]
    plan = plan_lips(lines, work.seen, work.limits, context.settings.lips.ramp)
    parts, failed = _make_parts(plan.units, work, context, only)
    skipped = sorted((*plan.skipped, *failed), key=lambda one: (one.first, one.line))
    paths = {part.key: _path_of(part, work, context) for part in parts}
    suffix = lip_clips.SUFFIXES[context.settings.lips.clips]
    clips = make_clips(parts, work.frames, context.settings.lips.handles, suffix)
    before = {clip.file: clip.key for clip in _kept_clips(context)}
    written = tuple(_write(clip, paths, before, work, context) for clip in clips)
    info = context.engines.info(Kind.LIP_SYNC)
    known = load_lips(context.project)
    burnt = (
        lip_film.run(written, paths, work.film, work.seen.shots, known.burnt if known else None, context)
        if context.settings.lips.burn
        else None
    )
    found = LipMap(
        info.stamp,
        info.is_draft(),
        str(work.film.rate),
        written,
        tuple(skipped),
        burnt,
        _notes(ingested),
        work.film.key,
    )
    write_atomically(context.project.root / FILE, store.encode_json(found))
    return found, _tell(found)


def load_lips(project: Project) -> LipMap | None:
    """Return what was made of the lips of a language; None where nothing was."""
    with suppress(OSError, msgspec.MsgspecError):
        return store.decode_json((project.root / FILE).read_bytes(), LipMap)
    return None


def _check_settings(context: Context) -> None:
    settings = context.settings.lips
    if settings.clips not in lip_clips.SUFFIXES:
        raise UsageError(
            f"lips.clips is {settings.clips!r}.", hint=f"Say one of: {', '.join(lip_clips.SUFFIXES)}."
        )
    if not 0 <= settings.ramp <= _MOST_RAMP:
        raise UsageError(f"lips.ramp is {settings.ramp}.", hint=f"Give 0 to {_MOST_RAMP} frames.")
    if not 64 <= settings.most_pixels <= 2048 or not 0 <= settings.library <= 5000 or settings.handles < 0:
        raise UsageError(
            "A setting of [lips] is out of range.",
            hint="most_pixels is 64 to 2048, library 0 to 5000, handles 0 or more.",
        )


def drop_stale_lips(ingested: Ingested, context: Context) -> bool:
    """Forget lips that were made for another cut of the picture, and tell whether there were any.

    Their clips would lie over other shots. They stay in the cache, in case the cut comes back.
    """
    known = load_lips(context.project)
    picture = open_picture(ingested, context) if known is not None and known.picture else None
    if known is None or picture is None or not known.is_of_other_picture(picture.key):
        return False
    (context.project.root / FILE).unlink(missing_ok=True)
    return True


def _open_work(script: Script, picture: FilmPicture | None, faces: FaceMap, context: Context) -> _Work | None:
    seen = load_seen(context.artefacts, faces)
    if picture is None or seen is None:
        return None
    film = FilmFrames(picture.info, find_pixel_format(picture.info), picture.key)
    limits = FaceLimits(context.settings.faces.small, context.settings.faces.profile)
    return _Work(script, seen, film, limits, faces.lag, faces.frames, cast_of(context))


def _plan_line(line: Line, work: _Work, context: Context) -> tuple[DubbedLine, ...]:
    """Return the frames of a line in which the mouth moved, or should move now.

    Of a line that was moved far away there are two stretches: the mouth moves where the dub is heard now, and
    is shut where the original was said.
    """
    skip = find_skip(line, work.script, work.cast, context.settings)
    detail = "" if skip is not LipSkip.MOVED else _SHOT_FOLLOWED if line.picture_under else _NOT_SHOWN
    rate, ramp = work.film.rate, context.settings.lips.ramp
    heard, said = line.heard_range or (line.start, line.end), line.original_range
    now = find_frame(heard[0], rate), find_frame(heard[1] - 1, rate) + 1
    # The mouth moved before the sound of a file that is late.
    then = find_frame(said[0], rate) - work.lag, find_frame(said[1] - 1, rate) - work.lag + 1

    def make(first: int, last: int, why: LipSkip | None = skip, *, silent: bool = False) -> DubbedLine:
        first, last = max(0, first - ramp), min(work.frames, last + ramp)
        return DubbedLine(line.id, line.speaker, first, max(first, last), why, detail, silent)

    apart = max(now[0], then[0]) > min(now[1], then[1])
    if not line.is_moved or (skip is None and not apart):
        return (make(min(now[0], then[0]), max(now[1], then[1])),)
    if skip in (None, LipSkip.OFF_SCREEN):
        # Who is not seen where the line is heard now may well be seen where it was said.
        return make(*now), make(*then, None, silent=True)
    return (make(*now),)


def find_skip(line: Line, script: Script, cast: Cast, settings: Settings) -> LipSkip | None:
    """Return why a line is to get no new lips, as far as the script and the cast tell; None where it may."""
    if line.take is None or line.placement is None or line.clip.muted:
        return LipSkip.NO_TAKE
    if line.take.is_original:
        return LipSkip.ORIGINAL
    decided = DECIDED in line.edited and line.on_screen is not None
    if line.is_moved and line.picture_under is not PictureUnder.STAYED and not decided:
        return LipSkip.MOVED
    if line.on_screen is not None and line.on_screen.presence is Presence.OFF:
        return LipSkip.OFF_SCREEN
    if any(flag.code == DISAGREES for flag in line.flags):
        return LipSkip.DOUBTFUL_FACE
    return LipSkip.NO_CONSENT if explain_lacking_consent(line.speaker, script, cast, settings) else None


def explain_lacking_consent(speaker_id: str, script: Script, cast: Cast, settings: Settings) -> str:
    """Return why this speaker's face may not be changed; "" where it may."""
    return find_consent(speaker_id, script, cast, settings)[1]


def find_consent(
    speaker_id: str, script: Script, cast: Cast, settings: Settings
) -> tuple[FaceConsent | None, str]:
    """Return the record that allows to change this speaker's face in this dub today, or why none does."""
    names = {speaker.id: speaker.name for speaker in script.speakers}
    use = Use(
        script.target_language,
        script.programme.name,
        parse_territories(settings.cast.territories),
    )
    person = cast.find_person(names.get(speaker_id, "")) if names.get(speaker_id) else None
    return find_face_consent(person.face_consents if person else (), use, read_utc_date())


def _make_parts(
    units: Sequence[LipUnit], work: _Work, context: Context, only: Collection[str]
) -> tuple[list[LipPart], list[SkippedFrames]]:
    kept = {part.unit: part for clip in _kept_clips(context) for part in clip.parts} if only else {}
    done = itertools.count(1)

    def make(unit: LipUnit) -> LipPart | SkippedFrames:
        made: LipPart | SkippedFrames
        if only and unit.line not in only:
            made = kept.get(unit) or SkippedFrames(unit.line, LipSkip.NOT_ASKED, unit.first, unit.last)
        else:
            made = _make_part(unit, work, context)
        context.step(STAGE, next(done), len(units), f"line {unit.line}", unit.line)
        return made

    context.step(STAGE, 0, max(1, len(units)))
    # One more than there are workers: while they draw, the crops of the next one are cut.
    with start_workers(1 + context.at_once(Kind.LIP_SYNC) if is_sent(context) else 1, context.cancel) as pool:
        every = pool.run_all(make, units)
    parts = [one for one in every if isinstance(one, LipPart)]
    return parts, [one for one in every if isinstance(one, SkippedFrames)]


def _make_part(unit: LipUnit, work: _Work, context: Context) -> LipPart | SkippedFrames:
    """Return a unit's part, or why the engine failed on it. Raises EngineError that would hit every unit."""
    sound = _find_sound(unit, work, context)
    try:
        return make_lips(unit, work.seen, work.film, sound, work.limits, context)
    except (EngineMissingError, EngineRefusedError):
        raise
    except EngineError as error:
        why = f"{error.message} {error.hint}"
        return SkippedFrames(unit.line, LipSkip.FAILED, unit.first, unit.last, why)


def _kept_clips(context: Context) -> tuple[LipClip, ...]:
    known = load_lips(context.project)
    return known.clips if known else ()


def _find_sound(unit: LipUnit, work: _Work, context: Context) -> Audio:
    """Return the takes of the unit's speaker as they are placed, over the unit's frames."""
    begin, end = (frames_to_samples(frame, work.film.rate) for frame in (unit.first, unit.last))
    pieces = []
    for line in work.script.lines:
        heard = line.heard_range
        if line.speaker != unit.speaker or heard is None or line.take is None or line.placement is None:
            continue
        if heard[1] <= begin or heard[0] >= end or line.clip.muted:
            continue
        sound, handle = _read_take(line, context)
        begins = handle + line.clip.head
        pieces.append((heard[0], sound.cut(begins, begins + heard[1] - heard[0])))
    return lay_sound(pieces, unit.first, unit.last, work.film.rate)


def _read_take(line: Line, context: Context) -> tuple[Audio, int]:
    """Return a line's take as it is placed, mono, and how many samples its file holds before it."""
    assert line.take is not None
    assert line.placement is not None
    path = context.project.file(placed_path(line.take).as_posix())
    if not path.is_file():
        return read_audio(context.project.file(line.take.file)).mono().at_rate(SAMPLE_RATE), 0
    sound = read_audio(path).mono().at_rate(SAMPLE_RATE)
    # The mix may leave handles, as long at both ends.
    return sound, max(0, sound.length - (line.placement.end - line.placement.start)) // 2


def _path_of(part: LipPart, work: _Work, context: Context) -> CropPath:
    return plan_unit_crop(part.unit, work.seen, work.film, context.settings.lips.most_pixels)[0]


def _write(
    clip: LipClip, paths: dict[str, CropPath], before: dict[str, str], work: _Work, context: Context
) -> LipClip:
    """Write a clip to its place in the project, unless the same one lies there."""
    context.step(STAGE, 0, 1, f"clip {clip.name}")
    made = lip_clips.write_clip(clip, paths, work.film, work.script.programme, context)
    if made is None:
        raise ScriptError(
            f"The lips of {clip.name} are no longer in the cache.",
            hint="Make them again: rythmo lips PROJECT",
        )
    target = context.project.file(clip.file)
    target.parent.mkdir(parents=True, exist_ok=True)
    if before.get(clip.file) != made.stem or not target.is_file():
        place_file(made, target)
    return replace(clip, key=made.stem)


def _notes(ingested: Ingested) -> tuple[str, ...]:
    if ingested.info.video is not None:
        return ()
    return ("The picture of a timeline is rendered to H.264 first, so the lips' clips are of that quality.",)


def _tell(found: LipMap) -> tuple[str, ...]:
    rate = float(Fraction(found.rate))
    units = [part.unit for clip in found.clips for part in clip.parts]
    notes = list(found.notes)
    if any(one.reason is LipSkip.NO_CONSENT for one in found.skipped):
        notes.append(
            "Faces without a consent record keep their lips. Record it with: rythmo cast PROJECT --save FILE "
            "--consent NAME --face-of WHO ..."
        )
    draft = ", a draft" if found.draft else ""
    seconds = sum(unit.count for unit in units) / rate
    lines = format_count(len({unit.line for unit in units}), "line")
    notes.append(f"Lips of {lines}, {seconds:.1f} s ({found.engine}{draft}).")
    return tuple(notes)
