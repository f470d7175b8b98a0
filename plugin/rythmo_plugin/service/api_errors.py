"""Errors as clients see them: a status, a message, a hint and a stable code, never a traceback."""

from __future__ import annotations

from rythmo.errors import (
    CancelledError,
    EngineError,
    HostError,
    InputError,
    LineConflictError,
    LockedLineError,
    OutputError,
    RythmoError,
    ScriptError,
    UsageError,
)


class ApiError(RythmoError):
    """An error with which a request is answered."""

    def __init__(self, status: int, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code


def not_found(what: str, name: object) -> ApiError:
    """Make a 404 error for something named by its id."""
    return ApiError(404, "not-found", f"There is no {what} {str(name)[:80]!r}.", hint="Fetch the list again.")


def busy(message: str, hint: str = "Wait until it is done, or stop it first.") -> ApiError:
    """Make a 409 error: something else is under way."""
    return ApiError(409, "busy", message, hint=hint)


_STATUS: tuple[tuple[type[RythmoError], int, str], ...] = (
    (UsageError, 400, "usage"),
    (LockedLineError, 409, "locked"),
    (LineConflictError, 409, "conflict"),
    (ScriptError, 422, "script"),
    (InputError, 422, "input"),
    (EngineError, 422, "engine"),
    (CancelledError, 409, "cancelled"),
    (HostError, 409, "host"),
    (OutputError, 409, "output"),
)


def to_api_error(error: RythmoError) -> ApiError:
    """Turn one of core's errors into an ApiError."""
    if isinstance(error, ApiError):
        return error
    for kind, status, code in _STATUS:
        if isinstance(error, kind):
            return ApiError(status, code, error.message, hint=error.hint)
    return ApiError(422, "failed", error.message, hint=error.hint)


def error_body(error: ApiError) -> dict[str, dict[str, str]]:
    """Return the body of an error response."""
    return {"error": {"message": error.message, "hint": error.hint, "code": error.code}}
