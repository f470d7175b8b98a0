"""Routes of a project's languages."""

from __future__ import annotations

from rythmo_plugin.service import project_languages, schema
from rythmo_plugin.service.routing import Call, Routes
from rythmo_plugin.service.services import Services

ROUTES = Routes()
_LANGUAGES = "/projects/{project}/languages"


@ROUTES.add("GET", _LANGUAGES, "The languages of a project", gives=list[schema.ProjectLanguage])
def list_languages(services: Services, call: Call) -> list[schema.ProjectLanguage]:
    """Return the languages, each with the id under which its project is opened."""
    return project_languages.list_languages(services.projects, services.projects.get(call.id("project")))


@ROUTES.add(
    "POST",
    _LANGUAGES,
    "Dub into another language",
    body=schema.AddLanguageAsked,
    gives=schema.Job,
    status=201,
)
def add_language(services: Services, call: Call) -> schema.Job:
    """Begin a further language. What was heard and corrected is used as it is; `project` is its id."""
    open_ = services.projects.get(call.id("project"))
    return project_languages.add_language(services.projects, services.queue, open_, call.body)


@ROUTES.add(
    "POST",
    f"{_LANGUAGES}/plan",
    "What another language would take",
    body=schema.AddLanguageAsked,
    gives=schema.Estimate,
)
def plan_language(services: Services, call: Call) -> schema.Estimate:
    """Return time, money and engines, as for a new dub; lips are among them where the project makes lips.
    Nothing is begun."""
    return project_languages.plan_language(services.projects.get(call.id("project")), call.body)
