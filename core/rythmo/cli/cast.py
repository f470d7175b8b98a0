"""`rythmo cast PROJECT`: who is who, with which voice and whose leave; kept for the next film."""

from __future__ import annotations

import argparse
import os
from datetime import date
from pathlib import Path
from typing import Any

from rythmo import languages, settings, settings_file
from rythmo.casting import cast_file
from rythmo.casting.cast_file import Cast, Person
from rythmo.casting.consent import ANY_LANGUAGE, parse_territories, read_utc_date
from rythmo.casting.consent_records import add_consent, require_person
from rythmo.cli import cast_voices, language_flag, withdrawal_report
from rythmo.cli.output import Output
from rythmo.dubbing import saved_cast
from rythmo.engines.voice_offer import describe_voice
from rythmo.errors import UsageError
from rythmo.project.workspace import Project
from rythmo.script.model import Speaker
from rythmo.script.voice_edits import VOICE

_RECORD = ("granted_by", "granted_to", "scope", "languages", "expires")
_OF = ("voice_of", "face_of")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("project", type=Path, help="the .rythmo folder")
    language_flag.add(parser)
    parser.add_argument(
        "--save", type=Path, metavar="FILE", help="write its named speakers into this cast file, new or old"
    )
    cast_voices.add(parser)
    who = parser.add_argument_group(
        "consent",
        "Nobody is cloned, and nobody's lips are changed, without a record of their consent. It stands in "
        "the cast file (--save).",
    )
    who.add_argument("--consent", metavar="NAME", help="record the consent of this person of the cast")
    who.add_argument("--voice-of", metavar="WHO", help="whose voice it is, by full name")
    who.add_argument(
        "--face-of", metavar="WHO", help="whose face it is, by full name: leave to change their lips"
    )
    who.add_argument("--granted-by", metavar="WHO", help="who grants it: that person, or who may for them")
    who.add_argument("--granted-to", metavar="WHO", help="who may use the voice")
    who.add_argument("--scope", metavar="TEXT", help='what for, for example "season 1 of The Lighthouse"')
    who.add_argument("--languages", metavar="LIST", help="in which languages, for example es,fr (or *)")
    who.add_argument("--expires", metavar="DATE", help="the last day, for example 2027-12-31")
    who.add_argument("--films", metavar="LIST", help='only for these programmes, for example "Lighthouse*"')
    who.add_argument("--territories", metavar="LIST", help="only where the dub is shown here: FR,BE")
    who.add_argument("--face-only", action="store_true", help="withdraw the consent for the face alone")
    who.add_argument(
        "--withdraw", metavar="NAME", help="consent was withdrawn: delete their clones, reference and records"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Hear and choose voices, save the cast, record consent; and show the cast."""
    project = language_flag.open_project(arguments, output)
    if arguments.save is None and arguments.consent:
        raise UsageError("Consent stands in a cast file.", hint="Name it with --save FILE.")
    chosen = settings_file.resolve_settings(file=project.root / "settings.toml", environment=os.environ)
    if arguments.face_only and not arguments.withdraw:
        raise UsageError("Whose consent is withdrawn?", hint="Name the person with --withdraw NAME.")
    if arguments.withdraw:
        return withdrawal_report.run(project, chosen, arguments, output)
    voices = cast_voices.run(project, chosen, arguments, output)
    script = project.load()
    if arguments.save is not None:
        cast = _save_people(project, chosen, arguments, output)
        file = _adopt(project, arguments.save, output)
    else:
        file = chosen.cast.file
        cast = cast_file.load_cast(Path(file)) if file else Cast()
    shown = voices is None or "deliveries" in voices or arguments.save is not None
    for speaker in script.speakers if shown else ():
        output.say(_format_speaker(speaker, cast, in_file=bool(file)))
    if shown and not file:
        output.say(
            "This project has no cast file: --save FILE keeps these people for the next film, and is where "
            "consent to clone a voice stands."
        )
    people = [_as_data(person) for person in cast.people]
    speakers = [_speaker_data(speaker) for speaker in script.speakers]
    output.data(
        "done", project=str(project.root), cast=file, people=people, speakers=speakers, **(voices or {})
    )
    return 0


def _format_speaker(speaker: Speaker, cast: Cast, *, in_file: bool) -> str:
    person = cast.find_person(speaker.name)
    sure = "" if "name" in speaker.edited or not person else "?"
    voice = f"{speaker.voice.engine} {describe_voice(speaker.voice)}" if speaker.voice else "no voice yet"
    voice += ", locked" if speaker.voice_locked else ", chosen" if VOICE in speaker.edited else ""
    kind = "clone" if speaker.consent else "voice"
    leave = "" if not in_file else f"; {_describe_consent(person)}" if person else "; not in the cast file"
    return f"  {speaker.id:4} {speaker.name + sure:20} {kind} {voice}{leave}"


def _speaker_data(speaker: Speaker) -> dict[str, Any]:
    voice = speaker.voice
    return {
        "id": speaker.id,
        "name": speaker.name,
        "voice": {"engine": voice.engine, "id": voice.id, "settings": dict(voice.settings)}
        if voice
        else None,
        "chosen": VOICE in speaker.edited,
        "locked": speaker.voice_locked,
    }


def _adopt(project: Project, path: Path, output: Output) -> str:
    """Make the saved file the project's cast file unless it has another; return the saved one."""
    whole = str(path.resolve())
    if (used := saved_cast.adopt(project, path)) != whole:
        output.warn(f"The project itself goes on with {used}.")
    return whole


def _save_people(
    project: Project, chosen: settings.Settings, arguments: argparse.Namespace, output: Output
) -> Cast:
    record = _parse_record(arguments)
    saved = saved_cast.save(project, arguments.save, chosen, report=output.progress)
    for note in saved.notes:
        output.warn(note)
    cast = saved.cast
    if arguments.consent:
        person = require_person(cast, arguments.consent)
        cast = cast.with_person(add_consent(person, record))
    if cast != saved.cast:
        cast_file.save_cast(cast, arguments.save)
    output.say(f"{', '.join(saved.names)} saved in {arguments.save}.")
    return cast


def _parse_record(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the fields of a consent record, or none. Raises UsageError for a part of one."""
    given = {name: getattr(arguments, name) for name in _RECORD}
    of = {name: getattr(arguments, name) for name in _OF if (getattr(arguments, name) or "").strip()}
    if not arguments.consent:
        if any(given.values()) or of:
            raise UsageError("Whose consent is it?", hint="Name the person with --consent NAME.")
        return {}
    lacking = [] if of else ["--voice-of or --face-of"]
    lacking += [f"--{name.replace('_', '-')}" for name, value in given.items() if not (value or "").strip()]
    if lacking:
        raise UsageError(f"A consent record needs {', '.join(lacking)}.", hint="See: rythmo cast --help")
    try:
        expires = date.fromisoformat(given["expires"])
    except ValueError as error:
        raise UsageError(
            f"--expires {given['expires']} is not a date.", hint="For example 2027-12-31."
        ) from error
    codes = [code.strip() for code in given["languages"].split(",")]
    films = tuple(name.strip() for name in (arguments.films or "").split(",") if name.strip())
    spoken = tuple(code if code == ANY_LANGUAGE else languages.parse_language(code) for code in codes)
    where = parse_territories(arguments.territories or "")
    return of | given | {"expires": expires, "languages": spoken, "films": films, "territories": where}


def _describe_consent(person: Person | None) -> str:
    face = _describe_face_consent(person) if person else ""
    if person is None or not person.consents:
        return "no consent, never cloned" + face
    last = max(person.consents, key=lambda record: record.expires)
    state = "may be cloned until" if last.expires >= read_utc_date() else "consent ended on"
    return f"{state} {last.expires} ({', '.join(last.languages)})" + face


def _describe_face_consent(person: Person) -> str:
    if not person.face_consents:
        return ""
    last = max(person.face_consents, key=lambda record: record.expires)
    state = "lips until" if last.expires >= read_utc_date() else "consent for lips ended on"
    return f", {state} {last.expires} ({', '.join(last.languages)})"


def _as_data(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "reference": person.reference.file if person.reference else None,
        "voices": [
            {
                "engine": v.engine,
                "language": v.language,
                "id": v.id,
                "settings": dict(v.settings),
                "locked": v.locked,
            }
            for v in person.voices
        ],
        "consents": [
            {"voice_of": c.voice_of, "languages": c.languages, "expires": c.expires.isoformat()}
            for c in person.consents
        ],
        "face_consents": [
            {"face_of": c.face_of, "languages": c.languages, "expires": c.expires.isoformat()}
            for c in person.face_consents
        ],
    }
