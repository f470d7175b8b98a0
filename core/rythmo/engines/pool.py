"""The engines of one job: each chosen once, started when first used, closed at the end."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, cast

from rythmo.engines import registry
from rythmo.engines.base import (
    Diarizer,
    Engine,
    EngineInfo,
    EngineSpec,
    Kind,
    Separator,
    SpeakerEmbedder,
    Transcriber,
    Translator,
    Voice,
)


@dataclass
class EnginePool:
    """Names chosen by the user ("auto" where none) by kind, and settings by engine name.

    `given` are engines to use whatever is named: a host's own, or a test's.
    """

    names: Mapping[Kind, str] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    given: Mapping[Kind, EngineSpec] = field(default_factory=dict)
    _specs: dict[tuple[Kind, str | None], EngineSpec] = field(default_factory=dict, init=False)
    _started: dict[tuple[Kind, str], Engine] = field(default_factory=dict, init=False)
    _used: dict[Kind, EngineInfo] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def spec(self, kind: Kind, language: str | None = None) -> EngineSpec:
        """The engine of this job, chosen once; raises EngineError when there is none."""
        if kind in self.given:
            return self.given[kind]
        if (kind, language) not in self._specs:
            name = self.names.get(kind, registry.AUTO)
            found = registry.choose(kind, name, language=language, settings=self.settings)
            self._specs[kind, language] = found
        return self._specs[kind, language]

    def info(self, kind: Kind, language: str | None = None) -> EngineInfo:
        """What that engine says of itself; from now on it counts as used."""
        info = self.spec(kind, language).info
        self._used[kind] = info
        return info

    def stamp(self, kind: Kind, language: str | None = None) -> str:
        """Name, version and a digest of its settings: what an artefact's key holds of the engine."""
        info = self.info(kind, language)
        settings = self.settings.get(info.name)
        return f"{info.stamp} {sorted(settings.items())!r}" if settings else info.stamp

    def used(self) -> dict[str, str]:
        """Kind -> name and version of each engine whose work is part of this job."""
        return {str(kind): info.stamp for kind, info in sorted(self._used.items())}

    def start(self, kind: Kind, language: str | None = None) -> Engine:
        """The running engine; the same one for every caller."""
        spec = self.spec(kind, language)
        with self._lock:
            key = (kind, spec.info.name)
            if key not in self._started:
                self._started[key] = registry.create(spec, self.settings.get(spec.info.name))
            return self._started[key]

    def separator(self) -> Separator:
        """The separator of this job."""
        return cast(Separator, self.start(Kind.SEPARATOR))

    def diarizer(self) -> Diarizer:
        """The diarizer of this job."""
        return cast(Diarizer, self.start(Kind.DIARIZER))

    def embedder(self) -> SpeakerEmbedder:
        """The speaker embedder of this job."""
        return cast(SpeakerEmbedder, self.start(Kind.EMBEDDER))

    def transcriber(self, language: str) -> Transcriber:
        """The transcriber for that language."""
        return cast(Transcriber, self.start(Kind.TRANSCRIBER, language))

    def translator(self, language: str) -> Translator:
        """The translator into that language."""
        return cast(Translator, self.start(Kind.TRANSLATOR, language))

    def voice(self, language: str) -> Voice:
        """The voice engine for that language."""
        return cast(Voice, self.start(Kind.VOICE, language))

    def close(self) -> None:
        """Close every engine that was started."""
        with self._lock:
            while self._started:
                self._started.popitem()[1].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
