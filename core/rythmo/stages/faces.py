"""Find out who is on screen: faces, people, and which of them speaks each line.

Runs on request (`--faces`). What a person decided about a line or a face comes before what was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from rythmo import hooks
from rythmo.engines.base import Kind
from rythmo.faces.face_map import FaceChunk, FaceMap, FacePerson, note_track
from rythmo.faces.mouth import Floats, find_best_lag, find_file_lag, follow_mouth, measure_envelope
from rythmo.faces.people import find_people, group_tracks
from rythmo.faces.presence import FaceLimits, find_presence
from rythmo.faces.rows import Rows, join_rows
from rythmo.faces.speaking import (
    LineEvidence,
    Person,
    SpokenLine,
    find_contradiction,
    make_person,
    margin_of,
    name_people,
    weigh_line,
)
from rythmo.faces.tracks import FaceTrack, find_tracks, make_shots
from rythmo.files import write_atomically
from rythmo.media.chunked_audio import ChunkedAudio
from rythmo.media.probe import probe
from rythmo.project.workspace import Project
from rythmo.script import store
from rythmo.script.model import Flag, Line, Script
from rythmo.script.on_screen import OnScreen
from rythmo.stages import face_rows, ingest
from rythmo.stages.context import Context
from rythmo.stages.face_decisions import GroupedFaces, assign_speakers, carry_over_names
from rythmo.stages.face_rows import FilmPicture, faces_file
from rythmo.stages.ingest import Ingested
from rythmo.timebase import find_frame, frames_to_samples

DISAGREES = "face-disagrees"
"""Flag of a line whose words another speaker's face says."""
DECIDED = "on_screen"
"""Name in `Line.edited` of a person's decision whether the speaker is seen."""


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """What was found in the picture."""

    picture: FilmPicture
    rows: Rows
    tracks: tuple[FaceTrack, ...]
    people: dict[int, str]
    persons: dict[str, Person]
    lines: tuple[SpokenLine, ...]


def run(
    script: Script, ingested: Ingested, speech: ChunkedAudio, context: Context
) -> tuple[Script, tuple[str, ...]]:
    """Return the script with what the picture shows of each line's speaker, and notes for the user.

    Raises EngineMissingError when no face tracker is ready.
    """
    context.engines.spec(Kind.FACE_TRACKER)
    picture = open_picture(ingested, context)
    if picture is None:
        return script, ("There is no picture to look for faces in.",)
    chunks, found = face_rows.run(picture, context)
    joined = join_rows(found)
    tracks = find_tracks(joined.rows, picture.shots, picture.rate)
    people = find_people(tracks, joined, context.engines.face_tracker().same_person)
    persons = _make_persons(tracks, people, joined.rows, picture.rate)
    seen = _Seen(picture, joined.rows, tracks, people, persons, _spoken_lines(script, speech, picture))
    grouped = GroupedFaces(joined, tracks, people)
    script, notes = _follow_cut(script, grouped, picture, context)
    decided = assign_speakers(script.faces, grouped)
    named, lag, evidence = _name(seen, decided)
    faces = replace(_summarise(seen, named, decided, lag, chunks, context), names=script.faces)
    write_atomically(faces_file(context.project.home), store.encode_json(faces))
    limits = FaceLimits(context.settings.faces.small, context.settings.faces.profile)
    return _mark_lines(script, seen, named, lag, evidence, limits), notes


def _follow_cut(
    script: Script, faces: GroupedFaces, picture: FilmPicture, context: Context
) -> tuple[Script, tuple[str, ...]]:
    """Return the script with its decisions about faces at their places in this picture, and notes."""
    before = load_faces(context.project)
    if before is None or not script.faces or not before.is_of_other_picture(picture.key):
        return script, ()
    examples = {
        person: _example(own, faces.found.rows)
        for person, own in group_tracks(faces.tracks, faces.people).items()
    }
    same = context.engines.face_tracker().same_person
    names, notes = carry_over_names(script.faces, before, faces, examples, same, context.artefacts)
    return replace(script, faces=names), notes


def load_faces(project: Project) -> FaceMap | None:
    """Return what is known of the faces of a project; None where nobody looked for them yet."""
    with suppress(OSError, msgspec.MsgspecError):
        return store.decode_json(faces_file(project.home).read_bytes(), FaceMap)
    return None


def open_picture(ingested: Ingested, context: Context) -> FilmPicture | None:
    """Return the picture of the programme with its shots; that of a timeline is rendered, if need be."""
    info, digest = ingested.info, context.artefacts.source_digest
    if isinstance(info, ingest.TimelineInfo) and info.assembly is not None:
        part = context.part(face_rows.STAGE, 0, 1, "the edited picture")
        path = hooks.make_timeline_film(info.assembly, context.artefacts, report=part, cancel=context.cancel)
        if path is None:
            return None
        film, rate = probe(path, need_sound=False), ingested.programme.rate
        cuts = tuple(find_frame(cut, rate) for cut in info.assembly.cuts)
    else:
        film, cuts = info, ingest.find_cut_frames(ingested, context)
    if film.video is None:
        return None
    shots = make_shots(cuts, film.video.frames)
    return face_rows.film_picture(film, shots, digest(film.path))


def _make_persons(
    tracks: Sequence[FaceTrack], people: dict[int, str], rows: Rows, rate: float
) -> dict[str, Person]:
    return {
        name: make_person(name, {track.number: follow_mouth(track, rows, rate) for track in own})
        for name, own in group_tracks(tracks, people).items()
    }


def _spoken_lines(script: Script, speech: ChunkedAudio, picture: FilmPicture) -> tuple[SpokenLine, ...]:
    """Return the lines where their original is heard, with the envelope of their speech.

    An editor may have moved a line's dub. The original, and the mouth that says it, stay where they were.
    """
    assert picture.info.video is not None
    rate, margin = picture.info.video.frame_rate, margin_of(picture.rate)
    spoken = []
    for line in script.lines:
        said = line.original_range
        first, last = find_frame(said[0], rate), find_frame(said[1], rate)
        last = max(last, first + 1)
        start, end = (frames_to_samples(frame, rate) for frame in (first - margin, last + margin))
        samples = speech.samples(start, end)[0]
        envelope = measure_envelope(samples, start, first - margin, last + margin, rate)
        spoken.append(SpokenLine(line.id, line.speaker, first, last, margin, envelope))
    return tuple(spoken)


def _name(seen: _Seen, decided: dict[str, str]) -> tuple[dict[str, str], int, tuple[LineEvidence, ...]]:
    """Return who is who, the lag of the file's sound, and the evidence at that lag.

    The lag is found from those who are known without it, and who they are is looked at again with it.
    """
    together = _seen_together(seen)
    rate, lag = seen.picture.rate, 0
    for _ in range(2):
        evidence = tuple(
            found
            for line in seen.lines
            for person in seen.persons.values()
            if (found := weigh_line(line, person, rate, lag)) is not None
        )
        named = name_people(evidence, seen.lines, together, rate, decided)
        before, lag = lag, find_file_lag(_pairs(seen, named), rate)
        if lag == before:
            break
    return named, lag, evidence


def _pairs(seen: _Seen, named: dict[str, str]) -> list[tuple[Floats, Floats]]:
    return [
        (seen.persons[person].cut(line.first - line.margin, line.last + line.margin), line.envelope)
        for line in seen.lines
        for person, speaker in named.items()
        if speaker == line.speaker
    ]


def _seen_together(seen: _Seen) -> frozenset[frozenset[str]]:
    tracks = seen.tracks
    return frozenset(
        frozenset({seen.people[one.number], seen.people[other.number]})
        for index, one in enumerate(tracks)
        for other in tracks[index + 1 :]
        if one.first < other.last and other.first < one.last
    )


def _summarise(
    seen: _Seen,
    named: dict[str, str],
    decided: dict[str, str],
    lag: int,
    chunks: tuple[FaceChunk, ...],
    context: Context,
) -> FaceMap:
    assert seen.picture.info.video is not None
    grouped = group_tracks(seen.tracks, seen.people)
    people = [
        FacePerson(
            name,
            named.get(name, ""),
            round(sum(len(track.rows) for track in tracks) / seen.picture.rate, 2),
            name in decided,
            _example(tracks, seen.rows),
        )
        for name, tracks in grouped.items()
    ]
    people.sort(key=lambda person: int(person.id[1:]))
    return FaceMap(
        context.engines.info(Kind.FACE_TRACKER).stamp,
        str(seen.picture.info.video.frame_rate),
        seen.picture.info.video.frames,
        lag,
        seen.picture.shots,
        tuple(people),
        tuple(note_track(track, seen.people[track.number]) for track in seen.tracks),
        chunks,
        picture=seen.picture.key,
    )


def _example(tracks: Sequence[FaceTrack], rows: Rows) -> tuple[int, float, float]:
    """Return where a person is seen best: large, from the front, and surely."""
    own = rows[np.concatenate([track.rows for track in tracks])]
    height = own["box"][:, 3] - own["box"][:, 1]
    best = own[int((height * own["confidence"] * np.cos(np.radians(own["pose"][:, 0]))).argmax())]
    box = best["box"]
    return int(best["frame"]), round(float(box[0] + box[2]) / 2, 4), round(float(box[1] + box[3]) / 2, 4)


def _mark_lines(
    script: Script,
    seen: _Seen,
    named: dict[str, str],
    lag: int,
    evidence: Sequence[LineEvidence],
    limits: FaceLimits,
) -> Script:
    spoken = {line.id: line for line in seen.lines}
    video = seen.picture.info.video
    assert video is not None

    def mark(line: Line) -> Line:
        first, last = find_frame(line.start, video.frame_rate), find_frame(line.end, video.frame_rate)
        found = find_presence(
            first, max(last, first + 1), line.speaker, seen.tracks, seen.rows, seen.people, named, limits
        )
        own = spoken.get(line.id)
        if own is not None:
            found = _with_sync(found, own, seen, named, lag)
        if DECIDED in line.edited and line.on_screen is not None:
            found = replace(found, presence=line.on_screen.presence)
        line = replace(line, on_screen=found).without_flags(DISAGREES)
        about = [one for one in evidence if one.line == line.id]
        other = find_contradiction(own, about, named, seen.lines) if own else ""
        return line.add_flags(_make_flag(script, line, other)) if other else line

    return script.map_lines(mark)


def _with_sync(found: OnScreen, line: SpokenLine, seen: _Seen, named: dict[str, str], lag: int) -> OnScreen:
    """Add how far the speaker's mouth moves with the line, where it is seen."""
    low, high = line.first - line.margin, line.last + line.margin
    own = [person for name, person in seen.persons.items() if named.get(name) == line.speaker]
    mouth = np.full(high - low, np.nan)
    for person in own:
        part = person.cut(low, high)
        mouth = np.where(np.isfinite(part), part, mouth)
    sync = find_best_lag(mouth, line.envelope, seen.picture.rate, lag)
    if sync is None or not found.tracks:
        return found
    lag_ms = round(sync.lag * 1000 / seen.picture.rate)
    return replace(found, sync=round(sync.correlation, 3), lag_ms=lag_ms)


def _make_flag(script: Script, line: Line, other: str) -> Flag:
    names = {speaker.id: speaker.name or speaker.id for speaker in script.speakers}
    return Flag(
        DISAGREES,
        f"The face of {names.get(other, other)} moves with these words, which the voice gave to "
        f"{names.get(line.speaker, line.speaker)}.",
    )
