"""`rythmo faces PROJECT`: who is on screen; look for faces, say whose they are, correct what was found."""

from __future__ import annotations

import argparse
import os
from fractions import Fraction
from pathlib import Path

from rythmo import settings_file
from rythmo.cli import language_flag
from rythmo.cli.output import Output
from rythmo.counts import format_count
from rythmo.dubbing.picture_requests import find_faces
from rythmo.dubbing.project_edits import edit_project
from rythmo.errors import ScriptError, UsageError
from rythmo.faces.face_map import FaceMap, FacePerson
from rythmo.script.face_edits import forget_face_name, name_face, set_presence
from rythmo.script.model import Line, Script
from rythmo.script.on_screen import OnScreen, Presence
from rythmo.stages.faces import load_faces
from rythmo.timebase import format_timecode

_NOBODY = "nobody"
_AUTO = "auto"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("project", type=Path, help="the .rythmo folder")
    language_flag.add(parser)
    parser.add_argument(
        "--find",
        action="store_true",
        help="look for faces in the picture; finished work is reused",
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="F2=S1",
        help=f"whose face this is: a speaker, or {_NOBODY} for somebody who says nothing; {_AUTO} takes that "
        "back",
    )
    parser.add_argument(
        "--line",
        action="append",
        default=[],
        metavar="LINE=off",
        help="whether a line's speaker is seen: on, partly or off; auto takes that back",
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show who is on screen; with --find look first, with a decision fit again what it concerns."""
    project = language_flag.open_project(arguments, output)
    chosen = settings_file.resolve_settings(file=project.settings_file, environment=os.environ)
    notes: tuple[str, ...] = ()
    if arguments.find:
        notes = find_faces(project, chosen, report=output.progress).notes
    faces = load_faces(project)
    if arguments.name or arguments.line:
        edit_project(
            project,
            lambda script: _apply_decisions(script, faces, arguments),
            chosen,
            what="say who is on screen",
            report=output.progress,
        )
        faces = load_faces(project)
    for note in notes:
        output.warn(note)
    script = project.load()
    output.say("\n".join(format_faces(script, faces)))
    output.data(
        "done",
        project=str(project.root),
        people=[_person_as_data(person) for person in faces.people] if faces else [],
        lines=[_line_as_data(line) for line in script.lines if line.on_screen],
    )
    return 0


def _apply_decisions(script: Script, faces: FaceMap | None, arguments: argparse.Namespace) -> Script:
    for given in arguments.name:
        who, speaker = _parse_pair(given, "--name", "F2=S1")
        person = _find_person(faces, who)
        if speaker == _AUTO:
            script = forget_face_name(script, *person.example)
        else:
            script = name_face(script, *person.example, "" if speaker == _NOBODY else speaker)
    for given in arguments.line:
        line_id, wanted = _parse_pair(given, "--line", "S1_0004=off")
        allowed = [str(Presence.ON), str(Presence.PARTLY), str(Presence.OFF), _AUTO]
        if wanted not in allowed:
            raise UsageError(f"--line {given} is not understood.", hint=f"Say one of: {', '.join(allowed)}.")
        script = set_presence(script, line_id, None if wanted == _AUTO else Presence(wanted))
    return script


def _find_person(faces: FaceMap | None, who: str) -> FacePerson:
    if faces is None:
        raise ScriptError(
            "Nobody has looked for faces in this project yet.", hint="Look with: rythmo faces PROJECT --find"
        )
    for person in faces.people:
        if person.id == who:
            return person
    known = ", ".join(person.id for person in faces.people) or "none"
    raise ScriptError(f"There is no face {who!r}.", hint=f"There are: {known}.")


def _parse_pair(given: str, option: str, example: str) -> tuple[str, str]:
    left, equals, right = given.partition("=")
    if not (equals and left.strip() and right.strip()):
        raise UsageError(f"{option} {given} is not understood.", hint=f"For example {option} {example}.")
    return left.strip(), right.strip()


def format_faces(script: Script, faces: FaceMap | None) -> list[str]:
    """Return a row for each person, then one for each line."""
    if faces is None:
        return ["Nobody has looked for faces in this project yet: rythmo faces PROJECT --find"]
    names = {speaker.id: speaker.name for speaker in script.speakers}
    shown = [_format_person(person, names, script, faces) for person in faces.people] or [
        "  No face was found."
    ]
    lines = [_format_line(line) for line in script.lines if line.on_screen]
    return [*shown, "", *lines, "", count_presence(script)]


def _format_person(person: FacePerson, names: dict[str, str], script: Script, faces: FaceMap) -> str:
    who = f"{person.speaker} {names.get(person.speaker, '')}" if person.speaker else "speaks no line"
    programme = script.programme
    at = format_timecode(programme.start_frame + person.example[0], Fraction(faces.rate), drop=programme.drop)
    decided = "  (you said so)" if person.decided else ""
    return f"  {person.id:4} {who:24} {person.seconds:6.1f} s on screen, best at {at}{decided}"


def _format_line(line: Line) -> str:
    seen = line.on_screen
    assert seen is not None
    return f"  {line.id:10} {describe_presence(seen):34} {line.text[:60]}"


def describe_presence(seen: OnScreen) -> str:
    """Return what the picture shows of a line's speaker: `ON F1 profile sync 0.62 +40 ms`."""
    words = [seen.presence.value.upper().ljust(7), seen.face, *(limit.value for limit in seen.limits)]
    if seen.sync is not None:
        words.append(f"sync {seen.sync:.2f} {seen.lag_ms:+d} ms")
    return " ".join(word for word in words if word)


def count_presence(script: Script) -> str:
    """Return how many lines have their speaker on screen."""
    known = [line.on_screen.presence for line in script.lines if line.on_screen]
    counted = [f"{known.count(one)} {one.value}" for one in Presence if one in known]
    return f"{format_count(len(known), 'line')}: {', '.join(counted)}." if known else "No line was looked at."


def _person_as_data(person: FacePerson) -> dict[str, object]:
    frame, x, y = person.example
    return {
        "id": person.id,
        "speaker": person.speaker,
        "seconds": person.seconds,
        "decided": person.decided,
        "example": {"frame": frame, "x": x, "y": y},
    }


def _line_as_data(line: Line) -> dict[str, object]:
    seen = line.on_screen
    assert seen is not None
    return {
        "id": line.id,
        "speaker": line.speaker,
        "on_screen": seen.presence.value,
        "share": seen.share,
        "face": seen.face,
        "limits": [limit.value for limit in seen.limits],
        "sync": seen.sync,
        "lag_ms": seen.lag_ms,
    }
