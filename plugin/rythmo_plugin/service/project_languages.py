"""The languages of a project: list them, and begin a further one."""

from __future__ import annotations

import os

import msgspec

from rythmo import languages, settings_file, trust
from rythmo.cli.estimate import as_data
from rythmo.dubbing import further_language, language_estimate
from rythmo.project.workspace import Project
from rythmo.script.shared_original import find_out_of_date, is_out_of_date
from rythmo.settings import Changes, Settings
from rythmo.settings_policy import hash_restricted
from rythmo_plugin.service import schema
from rythmo_plugin.service.job_settings import collect_flags
from rythmo_plugin.service.job_states import new_job
from rythmo_plugin.service.projects import OpenProject, Projects
from rythmo_plugin.service.queue import JobQueue


def list_languages(projects: Projects, open_: OpenProject) -> list[schema.ProjectLanguage]:
    """Return the languages of a project, the first one first, each with its id and what is out of date."""
    return [_view_language(projects.add(folder.root)) for folder in open_.project.languages]


def _view_language(open_: OpenProject) -> schema.ProjectLanguage:
    script, _ = open_.look()
    return schema.ProjectLanguage(
        project=open_.id,
        language=script.target_language,
        out_of_date=len(find_out_of_date(script)),
        stale=is_out_of_date(script),
    )


def add_language(
    projects: Projects, queue: JobQueue, open_: OpenProject, asked: schema.AddLanguageAsked
) -> schema.Job:
    """Begin a further language of a project: its script from the newest original, and the job that dubs it.

    Raises LanguageError, InputError for a language that is there already, UsageError for settings of what is
    heard, which are shared, and ApiError when another process works on the project.
    """
    language = languages.parse_language(asked.language)
    flags = collect_flags(schema.JobAsked(engines=asked.engines, settings=asked.settings))
    with open_.held():
        project = further_language.new_language(Project(open_.project.home), language)
        _save_settings(project, flags)
        script = further_language.start_script(project, language)
        trust.save_permissions(project.root, source=script.programme.source)
        # The script comes last: a folder without one is no language yet.
        project.save(script)
    made = projects.add(project.root)
    projects.tell(open_)
    return queue.submit(new_job("language", project=made.id, target_language=language))


def plan_language(open_: OpenProject, asked: schema.AddLanguageAsked) -> schema.Estimate:
    """Return what a further language would take. Nothing is begun. Raises as `add_language`."""
    language, home = languages.parse_language(asked.language), Project(open_.project.home)
    flags = collect_flags(schema.JobAsked(engines=asked.engines, settings=asked.settings))
    settings = _choose_settings(further_language.new_language(home, language), flags)
    found = language_estimate.estimate_language(home, language, settings)
    return msgspec.convert(as_data(found), schema.Estimate)


def _choose_settings(project: Project, flags: Changes) -> Settings:
    first = further_language.resolve_shared_settings(project)
    settings = settings_file.resolve_settings(
        file=Project(project.home).settings_file, environment=os.environ, flags=flags
    )
    settings = further_language.share_settings(settings, first, flags)
    return further_language.drop_foreign_terms(settings)


def _save_settings(project: Project, flags: Changes) -> None:
    settings = _choose_settings(project, flags)
    settings_file.save_settings(settings, project.settings_file)
    trust.save_permissions(project.root, settings=hash_restricted(settings_file.find_restricted(settings)))
