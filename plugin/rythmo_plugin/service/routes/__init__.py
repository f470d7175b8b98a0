"""All routes of the API, subject by subject."""

from __future__ import annotations

from rythmo_plugin.service.routes import (
    about,
    casting,
    deliveries,
    edits,
    events,
    folders,
    jobs,
    languages,
    models,
    pictures,
    projects,
    rights,
    sending,
    takes,
    translations,
)
from rythmo_plugin.service.routing import Operation

OPERATIONS: tuple[Operation, ...] = tuple(
    operation
    for subject in (
        about,
        models,
        folders,
        jobs,
        events,
        projects,
        languages,
        edits,
        casting,
        pictures,
        rights,
        deliveries,
        sending,
        translations,
        takes,
    )
    for operation in subject.ROUTES.operations
)
