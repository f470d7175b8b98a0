"""Rights over the API: consent records of the project's cast file, and their withdrawal."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from rythmo import languages
from rythmo.casting import cast_file
from rythmo.casting.cast_file import Cast, Person
from rythmo.casting.consent import (
    ANY_LANGUAGE,
    Consent,
    Use,
    find_valid_consent,
    parse_territories,
    read_utc_date,
)
from rythmo.casting.consent_records import add_consent, require_person
from rythmo.casting.face_consent import FaceConsent, explain_missing_consent
from rythmo.dubbing import withdrawal
from rythmo.dubbing.kept_settings import keep_settings
from rythmo.dubbing.withdrawal import Withdrawal
from rythmo.errors import UsageError
from rythmo.script.model import Script
from rythmo.stages.lips import load_lips
from rythmo_plugin.service import schema
from rythmo_plugin.service.api_errors import busy
from rythmo_plugin.service.job_settings import project_settings
from rythmo_plugin.service.projects import OpenProject, Projects
from rythmo_plugin.service.queue import JobQueue

_WORDS = ("granted_by", "granted_to", "scope")
_OF = ("voice_of", "face_of")


class RightsEditor:
    """Shows and changes who may be cloned, and whose lips may be changed, in a project's cast file."""

    def __init__(self, projects: Projects, queue: JobQueue) -> None:
        self._projects = projects
        self._queue = queue

    def look(self, project: str) -> schema.Rights:
        """Return the people of the cast file with their consent records, judged for this dub today."""
        open_ = self._projects.get(project)
        script, chosen = open_.look()[0], project_settings(open_)
        file = chosen.cast.file
        cast = cast_file.load_cast(Path(file)) if file else Cast()
        where = parse_territories(chosen.cast.territories)
        use = Use(script.target_language, script.programme.name, where)
        return schema.Rights(
            cast_file=file or None,
            film=use.film,
            language=use.language,
            territories=list(where),
            people=[_view_person(person, script, use, _find_changed(open_)) for person in cast.people],
        )

    def set_territories(self, project: str, asked: schema.TerritoriesAsked) -> schema.Rights:
        """Keep with the project where its dub is shown."""
        open_ = self._projects.get(project)
        where = parse_territories(",".join(asked.territories))
        keep_settings(open_.project, {"cast": {"territories": ",".join(where)}})
        return self.look(project)

    def record(self, project: str, asked: schema.ConsentAsked) -> schema.Rights:
        """Add consent records to the cast file. Raises InputError for a voice without a reference."""
        record = read_record(asked)
        path = self._require_file(self._projects.get(project))
        cast = cast_file.load_cast(path)
        cast_file.save_cast(cast.with_person(add_consent(require_person(cast, asked.person), record)), path)
        return self.look(project)

    def plan_withdrawal(self, project: str, asked: schema.WithdrawalAsked) -> schema.WithdrawalFacts:
        """Return what withdrawing would delete and leave. Nothing is changed."""
        open_ = self._projects.get(project)
        path, only = self._require_file(open_), asked.face_only
        return _view_withdrawal(withdrawal.plan_withdrawal(open_.project, path, asked.person, face_only=only))

    def withdraw(self, project: str, asked: schema.WithdrawalAsked) -> schema.WithdrawalFacts:
        """Withdraw a person's consent. Raises ApiError (409) while anything works on the project."""
        open_ = self._projects.get(project)
        path = self._require_file(open_)
        with open_.lock, open_.held():
            home = open_.project.home
            if any(self._queue.open_jobs(one.id) for one in self._projects.all() if one.project.home == home):
                raise busy("A job works on this project.")
            done = withdrawal.withdraw_consent(
                open_.project, path, asked.person, locked=True, face_only=asked.face_only
            )
            open_.look()
        return _view_withdrawal(done)

    def _require_file(self, open_: OpenProject) -> Path:
        file = project_settings(open_).cast.file
        if not file:
            raise UsageError("Consent stands in a cast file.", hint="Save the cast first.")
        return Path(file)


def read_record(asked: schema.ConsentAsked) -> dict[str, Any]:
    """Return the fields of the record that is asked for. Raises UsageError for neither voice nor face."""
    of = {name: text for name in _OF if (text := (getattr(asked, name) or "").strip())}
    if not of:
        raise UsageError("Consent for what?", hint="Give `voice_of`, `face_of`, or both.")
    spoken = (code if code == ANY_LANGUAGE else languages.parse_language(code) for code in asked.languages)
    return of | {
        **{name: getattr(asked, name).strip() for name in _WORDS},
        "languages": tuple(spoken),
        "expires": asked.expires,
        "films": tuple(film.strip() for film in asked.films if film.strip()),
        "territories": parse_territories(",".join(asked.territories)),
    }


def _find_changed(open_: OpenProject) -> frozenset[str]:
    """Return the speakers of whose lines some have new lips."""
    made = load_lips(open_.project)
    return frozenset(part.unit.speaker for clip in made.clips for part in clip.parts) if made else frozenset()


def _view_person(person: Person, script: Script, use: Use, changed: frozenset[str]) -> schema.PersonRights:
    same = person.name.casefold()
    speaker = next((one for one in script.speakers if one.name.casefold() == same), None)
    return schema.PersonRights(
        name=person.name,
        speaker=speaker.id if speaker else None,
        cloned=bool(speaker and speaker.consent),
        lips=bool(speaker and speaker.id in changed),
        reference=person.reference is not None,
        consents=[_view_voice_consent(record, person, use) for record in person.consents],
        face_consents=[_view_face_consent(record, use) for record in person.face_consents],
        why_no_lips=explain_missing_consent(person.face_consents, use, read_utc_date()),
    )


def _view_voice_consent(record: Consent, person: Person, use: Use) -> schema.ConsentFacts:
    reference = person.reference.sha256 if person.reference else ""
    _, why = find_valid_consent([record], reference, use, read_utc_date())
    return _view_consent(record, record.fingerprint, why)


def _view_face_consent(record: FaceConsent, use: Use) -> schema.ConsentFacts:
    return _view_consent(record, record.fingerprint, explain_missing_consent([record], use, read_utc_date()))


def _view_consent(record: Consent | FaceConsent, fingerprint: str, why: str) -> schema.ConsentFacts:
    facts = asdict(record) | {"holds": not why, "why_not": why, "id": fingerprint}
    facts.pop("reference", None)
    lists = {name: list(facts[name]) for name in ("languages", "films", "territories")}
    return schema.ConsentFacts(**{**facts, **lists})


def _view_withdrawal(found: Withdrawal) -> schema.WithdrawalFacts:
    return schema.WithdrawalFacts(
        person=found.name,
        deleted=list(found.deleted),
        remains=list(found.remains),
        left=[f"{voice.name} at {voice.engine}" for voice in found.left],
    )
