"""Routes of translators' work: tables out and in, review states, comments."""

from __future__ import annotations

from flask import Response

from rythmo_bridge.translation.read_import import ImportOptions
from rythmo_bridge.translation.table_export import FORMATS, render_table
from rythmo_plugin.service import schema
from rythmo_plugin.service.api_errors import not_found
from rythmo_plugin.service.job_settings import project_settings
from rythmo_plugin.service.routing import Call, Routes
from rythmo_plugin.service.services import Services

ROUTES = Routes()
_COMMENT = "/projects/{project}/lines/{line}/comments"
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@ROUTES.add(
    "GET",
    "/projects/{project}/translation/table/{form}",
    "The table that a translator works on",
    raw="application/octet-stream",
)
def table(services: Services, call: Call) -> Response:
    """Return the table as `form`: xlsx or csv."""
    form = call.id("form")
    open_ = services.projects.get(call.id("project"))
    if form not in FORMATS:
        raise not_found("form of table", form)
    data = render_table(open_.look()[0], form, project_settings(open_).fit)
    return Response(data, content_type=_TYPES[form])


@ROUTES.add(
    "POST",
    "/projects/{project}/translation/imports",
    "Compare a translator's file with the lines",
    body=schema.TranslationAsked,
    gives=schema.TranslationPlan,
)
def compare(services: Services, call: Call) -> schema.TranslationPlan:
    """Pair a table or subtitles with the lines. Nothing is changed until it is taken."""
    open_ = services.projects.get(call.id("project"))
    asked: schema.TranslationAsked = call.body
    options = ImportOptions(asked.columns, asked.encoding, project_settings(open_).translate.glossary)
    path = services.uploads.path(asked.upload)
    return services.translations.make(open_.id, path, open_.look()[0], options)


@ROUTES.add(
    "POST",
    "/projects/{project}/translation/imports/{plan}/take",
    "Take rows of a translator's file",
    body=schema.TakeTranslationAsked,
    gives=schema.Changed,
)
def take(services: Services, call: Call) -> schema.Changed:
    """Take the chosen rows as one edit, which can be undone. Lines whose words are new are voiced."""
    project = call.id("project")
    found = services.translations.find(project, call.id("plan"))
    return services.reviewing.take_import(project, found, call.body)


@ROUTES.add(
    "POST",
    "/projects/{project}/states",
    "Set the review state of lines",
    body=schema.StateAsked,
    gives=schema.Changed,
)
def states(services: Services, call: Call) -> schema.Changed:
    """Set the state of one line or of several. Nothing is voiced or mixed."""
    return services.reviewing.set_states(call.id("project"), call.body)


@ROUTES.add("POST", _COMMENT, "Comment on a line", body=schema.CommentAsked, gives=schema.Changed, status=201)
def add_comment(services: Services, call: Call) -> schema.Changed:
    """Add a comment. Without an author it is signed with the login name of this machine's user."""
    return services.reviewing.add_comment(call.id("project"), call.id("line"), call.body)


@ROUTES.add(
    "PATCH",
    f"{_COMMENT}/{{comment}}",
    "Reword or resolve a comment",
    body=schema.CommentChange,
    gives=schema.Changed,
)
def change_comment(services: Services, call: Call) -> schema.Changed:
    """Change a comment's text, resolve it, or open it again."""
    return services.reviewing.change_comment(
        call.id("project"), call.id("line"), call.id("comment"), call.body
    )


@ROUTES.add("DELETE", f"{_COMMENT}/{{comment}}", "Delete a comment", gives=schema.Changed)
def delete_comment(services: Services, call: Call) -> schema.Changed:
    """Delete a comment."""
    return services.reviewing.delete_comment(call.id("project"), call.id("line"), call.id("comment"))
