"""Every error that Rythmo raises on purpose.

    RythmoError
    ├── UsageError            the command or call is malformed          (exit code 2)
    ├── InputError            something the user gave cannot be used
    │   ├── MediaError            a media file
    │   ├── TimelineError         a timeline file
    │   │   └── MissingMediaError     files that it names do not exist
    │   ├── SubtitleError         a subtitle file
    │   ├── ScriptError           a project's own script
    │   │   ├── LockedLineError       a line that a person has locked
    │   │   └── LineConflictError     a line that somebody else changed or removed meanwhile
    │   └── UntrustedError        a project needs the user's permission first
    ├── EngineError           an engine
    │   ├── UnknownEngineError    no engine of that name
    │   ├── EngineMissingError    known, but something it needs is not installed
    │   ├── LanguageError         known, but not for this language
    │   ├── EngineRefusedError    it would send data away, and the user did not choose it by name
    │   ├── EngineFailedError     it ran and failed
    │   │   └── UselessAnswerError    it answered, but this answer cannot be used
    │   └── ModelError            a model's files cannot be downloaded, or are the wrong ones
    │       ├── UnknownModelError     no model or set of that name
    │       └── DownloadError         the network or the server failed
    ├── HostError             an editing program cannot be reached, or cannot do what is needed
    │   ├── HostRefusedError      it refused a command
    │   └── HostSilentError       it did not answer in time
    ├── OutputError           a result cannot be written
    ├── SigningError          a delivery cannot be signed, or its signature cannot be read
    └── CancelledError        the user stopped the work

Each error says what went wrong and with what, and carries a `hint` that says what to do next.
All of them can be pickled, because workers run in other processes.
"""

from __future__ import annotations


class RythmoError(Exception):
    """Base of all errors: a one-line `message` and a one-line `hint`, which may be empty."""

    exit_code = 1
    place = ""
    """The process or machine where it happened, when that is not the one that started the work."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        # The third part is what else the error carries: its place, notes, a subclass's own fields.
        return _rebuild_error, (type(self), self.message, self.hint), dict(vars(self))


def _rebuild_error(kind: type[RythmoError], message: str, hint: str) -> RythmoError:
    error = kind.__new__(kind, message)
    RythmoError.__init__(error, message, hint=hint)
    return error


class UsageError(RythmoError):
    """The command or call is malformed."""

    exit_code = 2


class InputError(RythmoError):
    """Something the user gave cannot be used."""


class MediaError(InputError):
    """A media file is missing, empty, damaged or not media at all."""


class TimelineError(InputError):
    """A timeline file cannot be read."""


class MissingMediaError(TimelineError):
    """Files that a timeline names do not exist; `missing` has a sentence for each, with every path tried."""

    def __init__(self, message: str, *, hint: str = "", missing: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.missing = missing


class SubtitleError(InputError):
    """A subtitle file cannot be read."""


class ScriptError(InputError):
    """A project's script is missing, damaged or from a newer version."""


class LockedLineError(ScriptError):
    """A line is locked, and only unlocking it is possible."""


class LineConflictError(ScriptError):
    """A line is not what it was when the edit was begun: somebody changed, split, joined or deleted it."""


class UntrustedError(InputError):
    """A project needs something that only the user can allow, and the user has not allowed it."""


class EngineError(RythmoError):
    """An engine cannot do its work."""


class UnknownEngineError(EngineError):
    """No engine of that kind has that name."""


class EngineMissingError(EngineError):
    """The engine is known but something it needs is not installed on this machine."""


class LanguageError(EngineError):
    """No engine supports the language, or the chosen one does not."""


class EngineRefusedError(EngineError):
    """An engine would do what the user has not chosen: send data off this machine, or run a model's code."""


class EngineFailedError(EngineError):
    """The engine ran and failed, or its answer cannot be used."""


class UselessAnswerError(EngineFailedError):
    """The engine works but this answer cannot be used. Other requests to it may succeed."""


class ModelError(EngineError):
    """A model's files cannot be downloaded, or are not the expected ones."""


class UnknownModelError(ModelError):
    """No model or set of models has that name."""


class DownloadError(ModelError):
    """A download failed. The part that arrived is kept for the next try."""


class HostError(RythmoError):
    """An editing program cannot be reached, or its open project cannot take what is sent."""


class HostRefusedError(HostError):
    """An editing program refused a command; `code` is its own number for the reason."""

    def __init__(self, message: str, *, hint: str = "", code: int = 0) -> None:
        super().__init__(message, hint=hint)
        self.code = code


class HostSilentError(HostError):
    """An editing program did not answer in time: it is busy, or a message box is open there."""


class OutputError(RythmoError):
    """A result cannot be written where the user wanted it."""


class SigningError(RythmoError):
    """A delivery cannot be signed, or the signature of a file cannot be read."""


class CancelledError(RythmoError):
    """The user stopped the work. Finished parts are kept."""
