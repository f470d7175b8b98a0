"""The installed espeak-ng: its library and data, its languages, and the worker processes that run it.

espeak-ng is GPL-3.0. Only `worker.py` loads it, in a process of its own. Text, phonemes and sound cross the
pipe.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

from rythmo.engines.adapters.espeak.voices import find_code, language_files
from rythmo.engines.base import Missing
from rythmo.engines.local.child_process import Answer, WorkerPool
from rythmo.errors import EngineFailedError, LanguageError
from rythmo.scratch import scratch_folder

# The timeout of a request. A minute of speech takes 0.1 s, so a process that needs longer hangs.
_SECONDS = 20.0


def missing() -> tuple[Missing, ...]:
    """Return the wheel with the library and its data when it is not installed."""
    if importlib.util.find_spec("espeakng_loader") is None:
        return (Missing("espeak-ng (the package espeakng-loader)", 'pip install "rythmo[embedded]"'),)
    return ()


class EspeakProcesses:
    """At most `size` processes that run espeak-ng, each started when first needed. Thread-safe."""

    def __init__(self, size: int) -> None:
        self._size = max(1, size)
        self._scratch = ExitStack()

    @cached_property
    def _package(self) -> Path:
        spec = importlib.util.find_spec("espeakng_loader")
        if spec is None or spec.origin is None:
            raise EngineFailedError(
                "espeakng-loader is not installed.", hint='pip install "rythmo[embedded]"'
            )
        return Path(spec.origin).parent

    @cached_property
    def data(self) -> Path:
        """espeak-ng's data folder."""
        return self._package / "espeak-ng-data"

    @cached_property
    def _pool(self) -> WorkerPool:
        library = {"win32": "espeak-ng.dll", "darwin": "libespeak-ng.dylib"}.get(
            sys.platform, "libespeak-ng.so"
        )
        worker = Path(__file__).with_name("worker.py")
        scratch = self._scratch.enter_context(scratch_folder("espeak"))
        files = (worker, self._package / library, self.data, scratch)
        return WorkerPool((sys.executable, "-I", "-S", *map(str, files)), name="espeak-ng", size=self._size)

    @cached_property
    def _languages(self) -> dict[str, str]:
        return {code: path.read_text("utf-8") for code, path in language_files(self.data).items()}

    def language(self, language: str) -> str:
        """Return the voice file's text for a language tag. Raises LanguageError, EngineFailedError."""
        code = find_code(language)
        if code is None or code not in self._languages:
            raise LanguageError(
                f"espeak-ng does not speak {language!r}.",
                hint="`rythmo engines` lists the languages of each engine.",
            )
        return self._languages[code]

    def speak(self, voice: str, text: str, words_a_minute: int) -> Answer:
        """Speak a text with the voice file's text `voice`; return the header with the rate, and 16-bit
        samples."""
        return self._pool.ask({"voice": voice, "text": text, "rate": words_a_minute}, seconds=_SECONDS)

    def phonemes(self, texts: Sequence[str], language: str) -> tuple[str, ...]:
        """Return each text in IPA, with "^" between the letters of one phoneme. Raises LanguageError."""
        request = {"voice": self.language(language), "phonemes": list(texts)}
        _, body = self._pool.ask(request, seconds=_SECONDS)
        return tuple(map(str, json.loads(body)))

    def close(self) -> None:
        """End the processes."""
        if "_pool" in self.__dict__:
            self._pool.close()
        self._scratch.close()
