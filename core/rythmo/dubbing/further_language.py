"""Dub a programme into a further language: all that was heard and corrected is there already.

The script begins as the newest original of the project. Only translation, voices, mix and deliveries are
made; speech and bed come from the project's cache.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rythmo import languages, settings_file
from rythmo.dubbing.job import Job
from rythmo.errors import InputError, ScriptError, UsageError
from rythmo.media.media_info import MediaInfo
from rythmo.project.language_folders import further_root, list_language_folders
from rythmo.project.workspace import Project
from rythmo.script.model import Programme, Script
from rythmo.script.shared_original import make_language
from rythmo.settings import Changes, Settings
from rythmo.stages import ingest

LISTENING: Mapping[str, tuple[str, ...]] = {
    "engines": ("separator", "diarizer", "embedder", "transcriber"),
    "tracks": ("dx", "me", "audio"),
    "scenes": ("chunk_seconds", "overlap_seconds"),
    "speakers": ("count",),
    "lines": ("pause_seconds", "sentence_pause_seconds", "longest_seconds", "snap_seconds"),
    "timeline": ("media_dirs", "dialogue_tracks", "me_tracks", "rate", "sequence"),
}
"""Settings of what is heard in the original. All languages of a project share those of its first one."""


def is_further(project: Project) -> bool:
    """Tell whether the project's folder holds a further language of a project."""
    return project.root != project.home


def start_script(project: Project, language: str) -> Script:
    """Return the script of a further language: as it was saved, or new from the newest original.

    Nothing is saved. Raises ScriptError when the project has no script at all.
    """
    if project.exists():
        return project.load()
    return make_language(load_newest(project), language)


def load_newest(project: Project) -> Script:
    """Return the script of the language with the newest original. Raises ScriptError when there is none."""
    folders = list_language_folders(project.root)
    if not folders:
        raise ScriptError(
            f"{project.home} has no script yet.",
            hint="Dub into a first language: rythmo dub INPUT --to LANG.",
        )
    newest = max(folders, key=lambda folder: (folder.original, folder.is_first))
    return Project(newest.root).load()


def new_language(home: Project, language: str) -> Project:
    """Return the folder of a further language of a project.

    Raises InputError when the project has that language already, or is in it.
    """
    first = home.load()
    name = languages.language_name(language)
    if language == first.source_language:
        raise InputError(f"{home.name} is in {name}.", hint="Choose another language than the original's.")
    if any(folder.language == language for folder in home.languages):
        raise InputError(f"{home.name} is dubbed into {name} already.", hint="Open that language.")
    return Project(further_root(home.home, language))


def resolve_shared_settings(project: Project) -> Settings:
    """Return the settings of the first language, for those in `LISTENING`.

    One that needs the user's permission and has none is left out.
    """
    return settings_file.resolve_settings(
        file=Project(project.home).settings_file, environment={}, undecided="leave out"
    )


def share_settings(settings: Settings, first: Settings, flags: Changes) -> Settings:
    """Return a language's settings with those of `LISTENING` taken from the first language.

    Raises UsageError when a flag would change one of them.
    """
    for stage, names in LISTENING.items():
        mine, shared = getattr(settings, stage), getattr(first, stage)
        for name in names:
            asked = (flags.get(stage) or {}).get(name)
            if asked is not None and getattr(mine, name) != getattr(shared, name):
                raise UsageError(
                    f"{stage}.{name} is about the original, which all languages of the project share.",
                    hint="Change it by dubbing the project's first language again.",
                )
        changes: dict[str, Any] = {name: getattr(shared, name) for name in names}
        settings = replace(settings, **{stage: replace(mine, **changes)})
    return settings


def drop_foreign_terms(settings: Settings) -> Settings:
    """Return the settings without the terms that the glossary translates into another language.

    What it leaves untranslated (names, above all) is kept.
    """
    kept = {term: word for term, word in settings.translate.glossary.items() if term == word}
    return replace(settings, translate=replace(settings.translate, glossary=kept))


def require_same_original(job: Job, script: Script) -> None:
    """Raise UsageError or InputError when a job for a further language would change the original."""
    if job.script is not None:
        raise UsageError(
            "The project has its original already, which all its languages share.",
            hint="Leave --script out, or give it when you dub the project's first language again.",
        )
    if job.source_language and job.source_language != script.source_language:
        name = languages.language_name(script.source_language)
        raise InputError(f"The original of this project is in {name}.", hint="Leave --from out.")


def choose_source(source: MediaInfo, script: Script, project: Project, settings: Settings) -> MediaInfo:
    """Return the source to take the sound from: a timeline as it was when first dubbed, or the file."""
    if isinstance(source, ingest.TimelineInfo):
        return ingest.reopen_source(script, project)
    track = str(script.programme.sound_track) if script.programme.sound_track else settings.tracks.audio
    return ingest.with_track(source, replace(settings.tracks, audio=track), script.source_language)


def require_same_programme(script: Script, programme: Programme, name: str) -> None:
    """Raise InputError when the source is not the programme that the project was made from."""
    known = script.programme
    if (known.length, known.channels, known.rate) != (programme.length, programme.channels, programme.rate):
        seconds = [one.length / one.sample_rate for one in (known, programme)]
        raise InputError(
            f"{name} is not what this project was made from: it was {seconds[0]:.2f} s long and is "
            f"{seconds[1]:.2f} s.",
            hint="A new cut concerns all languages: dub the project's first language again.",
        )


def find_other_languages(project: Project) -> tuple[tuple[Path, Script], ...]:
    """Return the folders and scripts of the project's other languages, with the newest original."""
    return tuple(
        (folder.root, Project(folder.root).load())
        for folder in project.languages
        if folder.root != project.root
    )
