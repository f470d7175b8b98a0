"""Routes of faces and lips in a finished dub."""

from __future__ import annotations

from rythmo_plugin.service import schema
from rythmo_plugin.service.routing import Call, Routes
from rythmo_plugin.service.services import Services

ROUTES = Routes()


@ROUTES.add("GET", "/projects/{project}/picture", "Faces and lips", gives=schema.PictureFacts)
def look(services: Services, call: Call) -> schema.PictureFacts:
    """Return what was made of the picture: whether faces were looked for, and the clips with new lips."""
    return services.pictures.look(call.id("project"))


@ROUTES.add(
    "GET", "/projects/{project}/faces/plan", "What looking for faces would take", gives=schema.FacePlan
)
def plan_faces(services: Services, call: Call) -> schema.FacePlan:
    """Return the tracker and the time it takes. Nothing is looked at."""
    return services.pictures.plan_faces(call.id("project"))


@ROUTES.add("POST", "/projects/{project}/faces", "Look for faces", gives=schema.Job, status=201)
def find_faces(services: Services, call: Call) -> schema.Job:
    """As `rythmo faces PROJECT --find`. Finished work is reused."""
    return services.pictures.find_faces(call.id("project"))


@ROUTES.add(
    "POST",
    "/projects/{project}/lips/plan",
    "What lips would take",
    body=schema.LipsAsked,
    gives=schema.LipPlan,
)
def plan_lips(services: Services, call: Call) -> schema.LipPlan:
    """Return the lines, the price and the time of lips, and why other lines keep theirs. Nothing is made."""
    return services.pictures.plan_lips(call.id("project"), call.body)


@ROUTES.add(
    "POST", "/projects/{project}/lips", "Make lips", body=schema.LipsAsked, gives=schema.Job, status=201
)
def make_lips(services: Services, call: Call) -> schema.Job:
    """As `rythmo lips PROJECT`. A service's price is answered with 409 (`price`) until `send` agrees to it.
    The engine stays with the project: lines whose take changes get new lips with the next mix."""
    return services.pictures.make_lips(call.id("project"), call.body)
