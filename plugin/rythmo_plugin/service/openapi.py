"""Make the OpenAPI document from the table of routes and the types they name.

`python -m rythmo_plugin.service.openapi` writes `openapi.json` beside this file; a test keeps it current.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from rythmo.files import write_atomically
from rythmo.schemas import dedent_descriptions
from rythmo_plugin.service import schema
from rythmo_plugin.service.routing import JSON, PREFIX, Operation

FILE = Path(__file__).with_name("openapi.json")
_REFERENCE = "#/components/schemas/{name}"
_ERRORS = {
    "400": "The request is malformed.",
    "401": "The token is missing or out of date.",
    "403": "The origin is not allowed, or the path is not inside an opened folder.",
    "404": "It does not exist.",
    "409": "Something else is under way, or the revision is out of date.",
    "413": "The body is too large.",
    "415": "The body has the wrong media type.",
    "422": "The request is well-formed but cannot be carried out.",
    "429": "Too many event streams are open.",
}


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """Return the whole document (OpenAPI 3.1)."""
    ordered = sorted(operations, key=lambda one: (one.path, one.method))
    types: list[Any] = [schema.Failure, schema.Event]
    for one in ordered:
        types += [kind for kind in (one.gives, one.body) if kind is not None]
    _, components = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    paths: dict[str, Any] = {}
    for one in ordered:
        paths.setdefault(PREFIX + one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rythmo's helper service",
            "version": "1",
            "description": "The API that the page and the plug-ins use. See docs/page.md.",
        },
        "servers": [{"url": "http://127.0.0.1:47800"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": dedent_descriptions(dict(sorted(components.items()))),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {
                code: {"description": text, "content": {JSON: {"schema": _reference("Failure")}}}
                for code, text in _ERRORS.items()
            },
        },
    }


def _reference(name: str) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(name=name)}


def _operation(one: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "responses": {
            str(one.status): _success(one),
            **({"202": {"description": one.later}} if one.later else {}),
            **{code: {"$ref": f"#/components/responses/{code}"} for code in _ERRORS},
        },
    }
    parameters = [_parameter(name) for name in one.parameters] + _queries(one)
    if parameters:
        found["parameters"] = parameters
    if one.body is not None:
        found["requestBody"] = {
            "required": True,
            "content": {JSON: {"schema": _reference(one.body.__name__)}},
        }
    elif one.takes is not None:
        found["requestBody"] = {
            "required": True,
            "content": {one.takes: {"schema": {"type": "string", "format": "binary"}}},
        }
    return found


def _success(one: Operation) -> dict[str, Any]:
    if one.raw is not None:
        content = {one.raw: {"schema": {"type": "string"}}}
    else:
        (schema,), _ = msgspec.json.schema_components([one.gives], ref_template=_REFERENCE)
        content = {JSON: {"schema": schema}}
    return {"description": one.summary, "content": content}


def _parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _queries(one: Operation) -> list[dict[str, Any]]:
    if one.query is None:
        return []
    _, found = msgspec.json.schema_components([one.query], ref_template=_REFERENCE)
    schema = found[one.query.__name__]
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": kind}
        for name, kind in schema["properties"].items()
    ]


def _main() -> None:
    from rythmo_plugin.service.routes import OPERATIONS

    text = msgspec.json.format(msgspec.json.encode(document(OPERATIONS)), indent=1)
    write_atomically(FILE, text + b"\n")


if __name__ == "__main__":
    _main()
