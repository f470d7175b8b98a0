"""Estimate a further language of a project, before anything is spent."""

from __future__ import annotations

from dataclasses import replace

from rythmo.dubbing import further_language
from rythmo.dubbing.estimate import Estimate, estimate, of_script
from rythmo.dubbing.lip_estimate import estimate_lips
from rythmo.project.workspace import Project
from rythmo.settings import Settings


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
    if not settings.lips.make:
        return found
    lips = estimate_lips(script, settings)
    if not lips.lines:
        return found
    stages = (*found.stages, *lips.found.stages)
    return replace(found, stages=stages, not_chosen=(*found.not_chosen, *lips.found.not_chosen))
