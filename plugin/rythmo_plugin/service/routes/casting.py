"""Routes of casting by hand: voices, auditions, proposals, the cast file."""

from __future__ import annotations

from rythmo_plugin.service import schema
from rythmo_plugin.service.routing import Call, Routes
from rythmo_plugin.service.services import Services

ROUTES = Routes()


@ROUTES.add("GET", "/projects/{project}/voices", "The voices to choose from", gives=schema.VoiceShelf)
def voices(services: Services, call: Call) -> schema.VoiceShelf:
    """Return the voices of the engine that the project speaks with, those of its language first."""
    return services.casting.shelf(call.id("project"))


@ROUTES.add(
    "POST",
    "/projects/{project}/auditions",
    "Hear a line or a sample in a voice",
    body=schema.AuditionAsked,
    gives=schema.Job,
    status=201,
)
def audition(services: Services, call: Call) -> schema.Job:
    """Queue an audition; its result says where to hear it. No take is made. A service's price is answered
    with 409 (`price`) until `send` agrees to it."""
    return services.casting.audition(call.id("project"), call.body)


@ROUTES.add(
    "POST",
    "/projects/{project}/speakers/{speaker}/proposals",
    "Propose voices for a speaker",
    gives=schema.Job,
    status=201,
)
def propose(services: Services, call: Call) -> schema.Job:
    """Queue proposals: the present voice, and those that suit the speaker best."""
    return services.casting.propose(call.id("project"), call.id("speaker"))


@ROUTES.add(
    "POST",
    "/projects/{project}/cast",
    "Save the cast for the next film",
    body=schema.SaveCastAsked,
    gives=schema.Job,
    status=201,
)
def save(services: Services, call: Call) -> schema.Job:
    """Queue saving the named speakers, with voices, pace and locks, to a cast file."""
    return services.casting.save(call.id("project"), call.body)
