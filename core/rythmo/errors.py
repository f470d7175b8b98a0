"""Every error that Rythmo raises on purpose.

    RythmoError
    ├── UsageError            the call itself makes no sense            (exit code 2)
    ├── InputError            what came in cannot be used
    │   ├── MediaError            a media file
    │   ├── TimelineError         a timeline file
    │   │   └── MissingMediaError     files that it names are not there
    │   ├── SubtitleError         a subtitle file
    │   ├── ScriptError           a project's own script
    │   └── UntrustedError        a project that asks for more than data may, unasked
    ├── EngineError           an engine
    │   ├── UnknownEngineError    no engine of that name
    │   ├── EngineMissingError    known, but something it needs is not installed
    │   ├── LanguageError         known, but not for this language
    │   ├── EngineRefusedError    it would send something, and nobody chose it
    │   ├── EngineFailedError     it ran and gave an error or a useless answer
    │   │   └── UselessAnswerError    it works, and of what was asked it makes nothing that can be used
    │   └── ModelError            a model's files cannot be fetched, or are not what they should be
    │       ├── UnknownModelError     no model or set of that name
    │       └── DownloadError         the network, or whoever answers there
    ├── OutputError           a result cannot be written
    └── CancelledError        the user stopped the work

Each one says what went wrong and with what, and carries a `hint`: what to do next.
All of them pickle, because stages run in other processes.
"""

from __future__ import annotations


class RythmoError(Exception):
    """Base of the tree: `message` in one line, `hint` in one line (may be empty)."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.hint)


def _rebuild(kind: type[RythmoError], message: str, hint: str) -> RythmoError:
    return kind(message, hint=hint)


class UsageError(RythmoError):
    """The command or call is malformed."""

    exit_code = 2


class InputError(RythmoError):
    """Something the user gave cannot be used."""


class MediaError(InputError):
    """A media file is missing, empty, broken or not media at all."""


class TimelineError(InputError):
    """A timeline file cannot be read."""


class MissingMediaError(TimelineError):
    """Files that a timeline names are not there; `missing` has a sentence for each, with every path tried."""

    def __init__(self, message: str, *, hint: str = "", missing: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.missing = missing

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_missing, (self.message, self.hint, self.missing)


def _rebuild_missing(message: str, hint: str, missing: tuple[str, ...]) -> MissingMediaError:
    return MissingMediaError(message, hint=hint, missing=missing)


class SubtitleError(InputError):
    """A subtitle file cannot be read."""


class ScriptError(InputError):
    """A project's script is missing, damaged or from a newer version."""


class UntrustedError(InputError):
    """A project asks for what only the user can allow, and the user has not."""


class EngineError(RythmoError):
    """An engine cannot do what was asked."""


class UnknownEngineError(EngineError):
    """No engine of that kind has that name."""


class EngineMissingError(EngineError):
    """The engine exists but something it needs is not on this machine."""


class LanguageError(EngineError):
    """No engine, or not this engine, for that language."""


class EngineRefusedError(EngineError):
    """An engine would send something off this machine, and the user has not chosen it by its name."""


class EngineFailedError(EngineError):
    """The engine ran and failed, or its answer cannot be used."""


class UselessAnswerError(EngineFailedError):
    """The engine is there and answers, but with nothing that can be used: other questions may do better."""


class ModelError(EngineError):
    """A model's files cannot be fetched, or are not what they should be."""


class UnknownModelError(ModelError):
    """No model and no set of models has that name."""


class DownloadError(ModelError):
    """Something could not be downloaded; what has arrived is kept for the next try."""


class OutputError(RythmoError):
    """A result cannot be written where the user wanted it."""


class CancelledError(RythmoError):
    """The user stopped the work; what was finished is kept."""
