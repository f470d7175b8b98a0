"""Edits of a project."""

from __future__ import annotations

from rythmo_plugin.service import wire
from rythmo_plugin.service.routing import Call, Routes
from rythmo_plugin.service.services import Services

ROUTES = Routes()
_LINE = "/projects/{project}/lines/{line}"
_SPEAKER = "/projects/{project}/speakers/{speaker}"


@ROUTES.add("PATCH", _LINE, "Change a line", body=wire.LineAsked, gives=wire.Edited)
def line(services: Services, call: Call) -> wire.Edited:
    """Saved when this answers; the take that follows is a job."""
    return services.editing.line(call.id("project"), call.id("line"), call.body)


@ROUTES.add("POST", f"{_LINE}/takes", "Another take of the same words", gives=wire.Job, status=201)
def take(services: Services, call: Call) -> wire.Job:
    """The earlier ones stay."""
    return services.editing.another_take(call.id("project"), call.id("line"))


@ROUTES.add("PUT", f"{_LINE}/choice", "Use another take", body=wire.ChoiceAsked, gives=wire.Edited)
def choice(services: Services, call: Call) -> wire.Edited:
    """The line's words become those of the take."""
    return services.editing.choose(call.id("project"), call.id("line"), call.body)


@ROUTES.add(
    "PATCH", _SPEAKER, "Rename, recolour or recast a speaker", body=wire.SpeakerAsked, gives=wire.Changed
)
def speaker(services: Services, call: Call) -> wire.Changed:
    """A new voice speaks all the speaker's lines again."""
    return services.editing.speaker(call.id("project"), call.id("speaker"), call.body)


@ROUTES.add(
    "POST", f"{_SPEAKER}/merge", "Two speakers are one person", body=wire.MergeAsked, gives=wire.Changed
)
def merge(services: Services, call: Call) -> wire.Changed:
    """The lines go to `into`."""
    return services.editing.merge(call.id("project"), call.id("speaker"), call.body)


@ROUTES.add(
    "POST", f"{_SPEAKER}/split", "Some lines are somebody else's", body=wire.SplitAsked, gives=wire.Changed
)
def split(services: Services, call: Call) -> wire.Changed:
    """`speaker` of the answer is the new one."""
    return services.editing.split(call.id("project"), call.id("speaker"), call.body)


@ROUTES.add("POST", "/projects/{project}/undo", "Take back the last edit", gives=wire.Changed)
def undo(services: Services, call: Call) -> wire.Changed:
    """Takes that were made stay."""
    return services.editing.step(call.id("project"), redo=False)


@ROUTES.add("POST", "/projects/{project}/redo", "Make the last undone edit again", gives=wire.Changed)
def redo(services: Services, call: Call) -> wire.Changed:
    """Until the next edit."""
    return services.editing.step(call.id("project"), redo=True)


@ROUTES.add("POST", "/projects/{project}/remake", "Mix and deliver now", gives=wire.Job, status=201)
def remake(services: Services, call: Call) -> wire.Job:
    """It also happens by itself, a moment after the last edit."""
    return services.editing.mix(call.id("project"))
