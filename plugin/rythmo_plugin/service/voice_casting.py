"""Cast by hand over the API: list voices, queue auditions and proposals, save the cast."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from rythmo import languages
from rythmo.dubbing import hand_casting
from rythmo.dubbing.hand_casting import VoiceShelf
from rythmo.errors import EngineError, RythmoError, ScriptError, UsageError
from rythmo.script.model import Script
from rythmo.script.takes import VoiceRef
from rythmo.script.voice_edits import choose_voice, release_voice
from rythmo_plugin.service import schema
from rythmo_plugin.service.allowed_paths import AllowedPaths
from rythmo_plugin.service.api_errors import ApiError, not_found
from rythmo_plugin.service.job_settings import project_settings
from rythmo_plugin.service.job_states import new_job
from rythmo_plugin.service.projects import OpenProject, Projects
from rythmo_plugin.service.queue import JobQueue

_PRIORITY = 10
SUFFIX = ".toml"


def find_shelf(open_: OpenProject) -> VoiceShelf:
    """Return the voices that a project's speakers can have. Raises EngineError when no engine is ready."""
    return hand_casting.open_shelf(open_.look()[0], project_settings(open_))


def read_voice(
    shelf: VoiceShelf, asked: schema.VoiceAsked, script: Script, present: VoiceRef | None = None
) -> VoiceRef:
    """Return the voice that a request describes; one that a speaker has is kept as it is tuned for them.

    Raises ScriptError for a voice of another engine, EngineError and UsageError for what is no voice.
    """
    if asked.engine != shelf.engine:
        raise ScriptError(
            f"This project speaks with {shelf.engine}, not with {asked.engine}.",
            hint="To change the engine, dub again with another voice engine.",
        )
    voice = shelf.mix(asked.id, asked.second, asked.share) if asked.second else asked.id
    made = shelf.make_voice(voice, present, script.speakers)
    return shelf.adjust(
        made,
        pace=1.0 if asked.pace is None else asked.pace,
        pitch=0.0 if asked.pitch is None else asked.pitch,
    )


def recast(script: Script, speaker_id: str, asked: schema.VoiceAsked | None, shelf: VoiceShelf) -> Script:
    """Return the script with the speaker's voice chosen, or left to casting without one."""
    if asked is None:
        return release_voice(script, speaker_id)
    return choose_voice(
        script, speaker_id, read_voice(shelf, asked, script, script.speaker(speaker_id).voice)
    )


class VoiceCasting:
    """Lists voices and queues what is to be heard or saved. Nothing here changes a project's script."""

    def __init__(self, projects: Projects, queue: JobQueue, places: AllowedPaths) -> None:
        self._projects = projects
        self._queue = queue
        self._places = places

    def shelf(self, project: str) -> schema.VoiceShelf:
        """Return the voices to choose from; none, with the reason, where there is nothing to choose."""
        open_ = self._projects.get(project)
        cast_file = project_settings(open_).cast.file or None
        try:
            shelf = find_shelf(open_)
        except EngineError as error:
            return _empty_shelf(error, cast_file)
        info, view = shelf.spec.info, partial(_view_shelf, shelf, cast_file)
        try:
            return view(shelf.list_voices(), "" if info.local or shelf.list_voices() else _NAME_SOME)
        except (EngineError, UsageError) as error:
            return view((), f"{error.message} {error.hint}".strip())

    def audition(self, project: str, asked: schema.AuditionAsked) -> schema.Job:
        """Queue an audition. Raises ApiError (409, `price`) before anything is sent unagreed."""
        open_ = self._projects.get(project)
        script, _ = open_.look()
        line = asked.line or ""
        if line and all(one.id != line for one in script.lines):
            raise not_found("line", line)
        shelf = find_shelf(open_)
        present = script.speaker(script.line(line).speaker).voice if line else None
        voice = read_voice(shelf, asked.voice, script, present)
        price = shelf.describe_price(hand_casting.texts_of(script, line, 1))
        if price and not asked.send:
            raise ApiError(409, "price", f"{price}.", hint="Nothing was sent yet. Agree with `send`.")
        spec: dict[str, Any] = {"voice": msgspec.to_builtins(voice), "line": line or None}
        return self._queue.submit(new_job("audition", project=open_.id, priority=_PRIORITY, **spec))

    def propose(self, project: str, speaker_id: str) -> schema.Job:
        """Queue proposals of voices for a speaker. Nothing is sent anywhere."""
        open_ = self._projects.get(project)
        if all(one.id != speaker_id for one in open_.look()[0].speakers):
            raise not_found("speaker", speaker_id)
        return self._queue.submit(
            new_job("propose", project=open_.id, priority=_PRIORITY, speaker=speaker_id)
        )

    def save(self, project: str, asked: schema.SaveCastAsked) -> schema.Job:
        """Queue saving the named speakers to a cast file. Raises ApiError for a path that is not allowed."""
        open_ = self._projects.get(project)
        path = Path(self._places.inside(asked.path))
        if path.suffix != SUFFIX:
            raise UsageError(f"{path.name} is no name for a cast file.", hint=f"End it in {SUFFIX}.")
        return self._queue.submit(new_job("cast", project=open_.id, cast_file=str(path)))


_NAME_SOME = (
    "This service's voices are listed once its settings name some: voices = [...] under its options in "
    "settings.toml."
)


def _view_shelf(
    shelf: VoiceShelf, cast_file: str | None, listed: tuple[Any, ...], why_none: str
) -> schema.VoiceShelf:
    info, offer = shelf.spec.info, shelf.spec.voices
    return schema.VoiceShelf(
        engine=info.name,
        local=info.local,
        sends=info.sends,
        mixes=offer is not None and offer.mix is not None,
        pace=offer.pace if offer else None,
        pitch=offer.pitch if offer else None,
        voices=[
            schema.ListedVoice(
                id=one.id,
                language=one.language,
                language_name=languages.language_name(one.language) if one.language else "Every language",
                gender=one.gender,
                note=one.note,
            )
            for one in listed
        ],
        why_none=why_none,
        cast_file=cast_file,
    )


def _empty_shelf(error: RythmoError, cast_file: str | None) -> schema.VoiceShelf:
    return schema.VoiceShelf(
        engine="",
        local=True,
        sends="",
        mixes=False,
        pace=None,
        pitch=None,
        voices=[],
        why_none=f"{error.message} {error.hint}".strip(),
        cast_file=cast_file,
    )
