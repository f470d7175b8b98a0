"""Estimate a further language of a project, before anything is spent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rythmo.casting import cast_file
from rythmo.casting.cast_file import Cast
from rythmo.dubbing import further_language
from rythmo.dubbing.estimate import Estimate, estimate, of_script
from rythmo.project.workspace import Project
from rythmo.script.model import Script
from rythmo.script.on_screen import Presence
from rythmo.settings import Settings
from rythmo.stages.lips import explain_lacking_consent


def estimate_language(home: Project, language: str, settings: Settings) -> Estimate:
    """Estimate a dub of the project into a language that it does not have yet, with these settings.

    Nothing is heard again, so translation and voices are left; and lips where the settings make them, of the
    people whose consent covers that language. Raises InputError for a language that the project has, and for
    a damaged cast file; ScriptError for a project without a script; UnknownEngineError.
    """
    project = further_language.new_language(home, language)
    script = further_language.start_script(project, language)
    silent = replace(settings, lips=replace(settings.lips, make=False))
    found = estimate(of_script(script), script.source_language, language, silent)
    lips = _estimate_lips(_with_faces(script, project), settings) if settings.lips.make else None
    if lips is None:
        return found
    stages = (*found.stages, *lips.stages)
    return replace(found, stages=stages, not_chosen=(*found.not_chosen, *lips.not_chosen))


def _with_faces(script: Script, project: Project) -> Script:
    """Return the script with who is on screen, as it is known in the language with the newest original."""
    seen = {line.id: line.on_screen for line in further_language.load_newest(project).lines}
    return replace(script, lines=tuple(replace(line, on_screen=seen.get(line.id)) for line in script.lines))


def _estimate_lips(script: Script, settings: Settings) -> Estimate | None:
    """Return the work of the lip engine alone; None where nobody's lips may be changed.

    There are no takes yet, so every line counts whose speaker may be on screen and has consented.
    """
    cast = cast_file.load_cast(Path(settings.cast.file)) if settings.cast.file else Cast()
    speaking = {line.speaker for line in script.lines}
    willing = {one for one in speaking if not explain_lacking_consent(one, script, cast, settings)}
    lines = tuple(
        line
        for line in script.lines
        if line.speaker in willing and (line.on_screen is None or line.on_screen.presence is not Presence.OFF)
    )
    if not lines:
        return None
    amount = replace(
        of_script(replace(script, lines=lines)), translate=False, voice_lines=0, voice_seconds=0.0
    )
    return estimate(amount, script.source_language, script.target_language, settings)
