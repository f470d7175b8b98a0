"""Routes as data: one table of operations with their types serves Flask and the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from flask import Blueprint, Response, request

from rythmo_plugin.service.api_errors import ApiError
from rythmo_plugin.service.config import MAX_BODY_BYTES
from rythmo_plugin.service.services import Services

PREFIX = "/api/v1"
JSON = "application/json"
_PARAMETER = re.compile(r"\{(\w+)\}")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """One validated request: the ids in its path, and its query and body as the declared types."""

    ids: Mapping[str, str]
    query: Any = None
    body: Any = None

    def id(self, name: str) -> str:
        """Return one id of the path."""
        return self.ids[name]


Handler = Callable[[Services, Call], Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One route. `path` is in OpenAPI's form, below `PREFIX`.

    `gives`, `query` and `body` are the types of the response, the query and the JSON body. `raw` is the media
    type of a response that is not JSON, `takes` that of such a body. `later` says what an empty 202 means.
    """

    method: str
    path: str
    summary: str
    handler: Handler
    gives: Any = None
    query: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | None = None
    status: int = 200
    raw: str | None = None
    takes: str | None = None
    later: str | None = None

    @property
    def name(self) -> str:
        """The operation's unique name, made from method and path."""
        return re.sub(r"\W+", "_", f"{self.method.lower()}{self.path}").strip("_")

    @property
    def parameters(self) -> list[str]:
        """The names of the ids in the path."""
        return _PARAMETER.findall(self.path)


@dataclass
class Routes:
    """The operations of one module."""

    operations: list[Operation] = field(default_factory=list)

    def add(self, method: str, path: str, summary: str, **more: Any) -> Callable[[Handler], Handler]:
        """Return a decorator that makes a function the handler of a method on a path."""

        def keep(handler: Handler) -> Handler:
            self.operations.append(Operation(method, path, summary, handler, **more))
            return handler

        return keep


def bind(blueprint: Blueprint, operation: Operation, services: Services) -> None:
    """Register the operation with Flask."""

    def view(**ids: str) -> Response:
        call = Call(ids, _query(operation), _body(operation))
        given = operation.handler(services, call)
        return given if isinstance(given, Response) else answer(given, operation.status)

    rule = _PARAMETER.sub(r"<string:\1>", operation.path)
    blueprint.add_url_rule(
        rule, operation.name, view, methods=[operation.method], provide_automatic_options=False
    )


def answer(value: Any, status: int = 200) -> Response:
    """Make a JSON response from a value."""
    return Response(msgspec.json.encode(value), status=status, content_type=JSON)


def _query(operation: Operation) -> Any:
    if operation.query is None:
        return None
    return _converted(request.args.to_dict(), operation.query, strict=False)


def _body(operation: Operation) -> Any:
    if operation.body is None:
        return None
    if request.mimetype != JSON:
        raise ApiError(415, "json", "The body must be JSON.", hint="Send Content-Type: application/json.")
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise ApiError(413, "too-large", "The body is too large.")
    try:
        return msgspec.json.decode(request.get_data(cache=False), type=operation.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ApiError(400, "malformed", f"The body cannot be read: {error}.") from error


def _converted(values: Mapping[str, str], kind: type[T], *, strict: bool) -> T:
    try:
        return msgspec.convert(values, kind, strict=strict)
    except msgspec.ValidationError as error:
        raise ApiError(400, "malformed", f"The address cannot be read: {error}.") from error
