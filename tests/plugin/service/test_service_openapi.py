"""The OpenAPI document says what the routes do, and nothing it allows or forbids makes the service fail."""

from __future__ import annotations

import json
import re
import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from service_under_test import PREFIX

from rythmo_plugin.service import openapi
from rythmo_plugin.service.routes import OPERATIONS

DOCUMENT = openapi.document(OPERATIONS)
# Not asked at random: one would start a program of the desktop, one would fetch models from the network.
NOT_ASKED = {"post_projects_project_reveal", "post_models"}
CASES = [
    pytest.param(one, id=one.name) for one in sorted(OPERATIONS, key=lambda one: one.name)
    if one.name not in NOT_ASKED
]  # fmt: skip


def test_the_document_is_that_of_the_routes():
    assert json.loads(openapi.FILE.read_bytes()) == DOCUMENT, "python -m rythmo_plugin.service.openapi"


def test_flask_answers_exactly_what_the_document_says(service):
    rules = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in service.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(PREFIX) and not rule.rule.startswith(f"{PREFIX}/hosts")
    }
    said = {(path, method.upper()) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert rules == said


def test_every_reference_of_the_document_leads_somewhere():
    references = set(re.findall(r'"\$ref":\s*"#/([^"]+)"', json.dumps(DOCUMENT)))
    assert len(references) > 20
    for reference in references:
        place = DOCUMENT
        for part in reference.split("/"):
            assert part in place, reference
            place = place[part]


@pytest.fixture(scope="module")
def schema(service):
    schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is in the dev group")
    found = schemathesis.openapi.from_dict(DOCUMENT)
    found.config.update(base_url=f"http://127.0.0.1:{service.port}")
    return found


def checks():
    """Of the answer's form; whether an id exists the document cannot say, so what is refused is no fault."""
    from schemathesis import checks as names
    from schemathesis.specs.openapi import checks as of_openapi

    return [
        names.not_a_server_error,
        of_openapi.status_code_conformance,
        of_openapi.content_type_conformance,
        of_openapi.response_schema_conformance,
        of_openapi.negative_data_rejection,
    ]


def known_ids(project):
    line, speaker = project["lines"][0], project["speakers"][0]
    return {"project": project["id"], "line": line["id"], "speaker": speaker["id"], "stem": "MIX",
            "level": "256"}  # fmt: skip


@pytest.mark.parametrize("operation", CASES)
def test_nothing_that_can_be_asked_makes_the_service_fail(service, schema, project, operation):
    asked = schema[PREFIX + operation.path][operation.method]
    ids = known_ids(project)

    @settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=asked.as_strategy(), real=st.booleans())
    def check(case, real):
        if real:
            case.path_parameters.update({name: ids[name] for name in operation.parameters if name in ids})
        if operation.path == "/events":
            case.query.update({"poll": 1, "wait": 0})  # a stream has no end
        answer = case.call(headers={"Authorization": f"Bearer {service.token}"})
        assert answer.status_code < 500, answer.text
        if operation.raw is None or answer.status_code >= 400:
            case.validate_response(answer, checks=checks())

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # schemathesis speaks of its own coming changes
        check()
