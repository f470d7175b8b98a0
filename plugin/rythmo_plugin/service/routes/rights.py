"""Routes of rights: who may be cloned, for what, until when, and the withdrawal of it."""

from __future__ import annotations

from rythmo_plugin.service import schema
from rythmo_plugin.service.first_consent import record_first_consent
from rythmo_plugin.service.routing import Call, Routes
from rythmo_plugin.service.services import Services

ROUTES = Routes()


@ROUTES.add(
    "GET",
    "/projects/{project}/rights",
    "Who may be cloned or get new lips",
    gives=schema.Rights,
)
def rights(services: Services, call: Call) -> schema.Rights:
    """Return the people of the project's cast file, with their consent records."""
    return services.rights.look(call.id("project"))


@ROUTES.add(
    "PATCH",
    "/projects/{project}/rights",
    "Where the dub is shown",
    body=schema.TerritoriesAsked,
    gives=schema.Rights,
)
def set_territories(services: Services, call: Call) -> schema.Rights:
    """Keep the territories with the project. A consent for some holds only where all are among them."""
    return services.rights.set_territories(call.id("project"), call.body)


@ROUTES.add(
    "POST",
    "/projects/{project}/rights/consents",
    "Record a person's consent",
    body=schema.ConsentAsked,
    gives=schema.Rights,
    status=201,
)
def record_consent(services: Services, call: Call) -> schema.Rights:
    """Record leave to clone a person's voice, or to change the lips of their face. It holds from then on."""
    return services.rights.record(call.id("project"), call.body)


@ROUTES.add(
    "POST",
    "/projects/{project}/rights/withdrawal/plan",
    "What a withdrawal would delete",
    body=schema.WithdrawalAsked,
    gives=schema.WithdrawalFacts,
)
def plan_withdrawal(services: Services, call: Call) -> schema.WithdrawalFacts:
    """Return what would be deleted and what would remain. Nothing is changed."""
    return services.rights.plan_withdrawal(call.id("project"), call.body)


@ROUTES.add(
    "POST",
    "/projects/{project}/rights/withdrawal",
    "Withdraw a person's consent",
    body=schema.WithdrawalAsked,
    gives=schema.WithdrawalFacts,
)
def withdraw(services: Services, call: Call) -> schema.WithdrawalFacts:
    """Delete the person's clones, reference, voice vectors and consent records; `face_only` deletes only
    the records for the face. This cannot be undone."""
    return services.rights.withdraw(call.id("project"), call.body)


@ROUTES.add(
    "POST",
    "/consents",
    "Record consent before a dub",
    body=schema.FirstConsentAsked,
    gives=schema.FirstConsent,
    status=201,
)
def record_consent_before_dub(services: Services, call: Call) -> schema.FirstConsent:
    """Record leave for a dub that is still to be made, in its cast file: `settings.cast.file` of the job."""
    return record_first_consent(services.places, call.body)
