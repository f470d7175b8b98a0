"""Base types of the API: limited strings, the base classes of requests and responses, and errors."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

Name = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=5000)]
PathText = Annotated[str, Meta(min_length=1, max_length=4096)]
MaybePath = Annotated[str, Meta(max_length=4096)] | None
Language = Annotated[str, Meta(max_length=40)]


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """Base class of responses."""


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base class of requests. An unknown field is an error."""


class Problem(Base, frozen=True, kw_only=True):
    """Why a request or a job failed, and what to do about it."""

    message: str
    hint: str = ""
    code: str = ""


class Failure(Base, frozen=True, kw_only=True):
    """The body of every error."""

    error: Problem


class Done(Base, frozen=True, kw_only=True):
    """The request was carried out."""

    ok: bool = True
