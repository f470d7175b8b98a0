"""Models: what there is, and fetching it as a job."""

from __future__ import annotations

import msgspec

from rythmo.cli.models import as_data
from rythmo.models.catalog import RECOMMENDED, catalog
from rythmo.models.folders import find_installed, models_folder
from rythmo.models.recommend import choose_models, look_at_machine
from rythmo.models.sets import look_at_sets
from rythmo_plugin.service import schema
from rythmo_plugin.service.api_errors import ApiError
from rythmo_plugin.service.job_states import OPEN, new_job
from rythmo_plugin.service.routing import Call, Routes
from rythmo_plugin.service.services import Services

ROUTES = Routes()


@ROUTES.add("GET", "/models", "The models that engines need, and the sets of them", gives=schema.Models)
def models(services: Services, call: Call) -> schema.Models:
    """Return the data of `rythmo models --json`."""
    table = catalog()
    return schema.Models(
        folder=str(models_folder()),
        sets=[
            schema.ModelSetFacts(
                name=state.name,
                summary=state.summary,
                models=[model.name for model in state.models],
                lacking=[model.name for model in state.lacking],
                download_bytes=state.download_bytes,
                command=state.command,
            )
            for state in look_at_sets(table)
        ],
        models=[msgspec.convert(as_data(model, table), schema.ModelFacts) for model in table.models],
    )


@ROUTES.add("POST", "/models", "Fetch models or sets", body=schema.ModelsAsked, gives=schema.Job, status=201)
def install_models(services: Services, call: Call) -> schema.Job:
    """Queue the installation. It resumes an earlier one, and is not queued twice."""
    asked: schema.ModelsAsked = call.body
    table = catalog()
    suited = choose_models(look_at_machine(), table) if RECOMMENDED in asked.names else ()
    for model in table.expand(asked.names, suited):
        if model.accept and not asked.accept and find_installed(model) is None:
            raise ApiError(
                409, "conditions", f"{model.name} has conditions of use ({model.licence}).",
                hint=f"Read them at {model.accept} and accept them.",
            )  # fmt: skip
    for job in services.queue.all():
        if job.kind == "models" and job.state in OPEN and job.spec.get("models") == asked.names:
            return job
    return services.queue.submit(new_job("models", models=asked.names))
