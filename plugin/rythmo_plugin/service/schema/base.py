"""What all values of the API are made of: how long a name may be, what a client may say, and errors."""

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
    """What the service says."""


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a client says: a name that does not exist is an error, not a guess."""


class Problem(Base, frozen=True, kw_only=True):
    """Why a request or a job failed, and what to do."""

    message: str
    hint: str = ""
    code: str = ""


class Failure(Base, frozen=True, kw_only=True):
    """The body of every error."""

    error: Problem


class Done(Base, frozen=True, kw_only=True):
    """It was done."""

    ok: bool = True
