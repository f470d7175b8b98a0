"""Estimate a dub's requests, money and time for each stage before anything is spent.

The estimate rests on four facts: the programme's length, how much of it is speech (measured quickly, or known
from a script), how fast the target language is spoken, and what the engines declare. What cannot be estimated
(a price missing from the table, an engine that was never measured) is None and reported as unknown.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path

from rythmo.engines import registry
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing
from rythmo.engines.prices import EngineUsage, PriceTable, load_prices
from rythmo.engines.speech.speech_share import speech_share
from rythmo.errors import EngineMissingError, LanguageError
from rythmo.execution.processes import count_lanes
from rythmo.media.media_info import MediaInfo
from rythmo.progress import NEVER, CancelToken
from rythmo.script import pace
from rythmo.script.model import Line, Script
from rythmo.script.on_screen import Presence
from rythmo.settings import Settings
from rythmo.stages.translate import BUDGET
from rythmo.timebase import SAMPLE_RATE

STAGES = (
    Kind.SEPARATOR, Kind.DIARIZER, Kind.TRANSCRIBER, Kind.FACE_TRACKER, Kind.TRANSLATOR, Kind.VOICE,
    Kind.LIP_SYNC,
)  # fmt: skip
_ASSUMED_SHARE = 0.45
"""Assumed share of speech when it cannot be measured quickly: films lie between 0.3 and 0.6."""
_LINE_SECONDS = 2.5
_LETTERS_A_WORD = 6.0
"""Letters per word in European languages, with the space after it."""
_LETTERS_A_TOKEN = 4.0
"""OpenAI's rule of thumb for English; other languages take up to twice as many tokens."""
_RULES_LETTERS = 1900
"""Length of the instructions sent with each window."""
_JSON_LETTERS = 60
"""Overhead of each line: its id, its speaker, its word budget."""


@dataclass(frozen=True, slots=True)
class Amount:
    """The amount of work. `heard` says how it is known: "whole", "sampled", "script" or "assumed".

    `lines` counts all lines, `voice_lines` those still to be voiced (None: all). The latter have
    `target_characters` and last `voice_seconds` in the original.
    """

    programme_seconds: float
    speech_seconds: float
    lines: int
    source_characters: int
    target_characters: int
    heard: str
    hear: bool = True
    """Whether separation, diarization and transcription are still to be done."""
    translate: bool = True
    voice_lines: int | None = None
    voice_seconds: float | None = None
    frame_rate: float = 25.0
    """Frames a second of the picture; 0 where there is none."""
    seen_lines: int | None = None
    """The lines whose speaker may be on screen, of `seen_seconds` (None: all)."""
    seen_seconds: float | None = None

    @property
    def to_voice(self) -> tuple[int, float]:
        """The number of lines to voice, and their length in seconds."""
        lines = self.lines if self.voice_lines is None else self.voice_lines
        return lines, self.speech_seconds if self.voice_seconds is None else self.voice_seconds


@dataclass(frozen=True, slots=True)
class Stage:
    """The work of one engine: `least` if every line fits at once, `most` with as many rewrites as allowed.

    Amounts of money are None when the price is unknown, and 0 for local engines.
    """

    kind: Kind
    info: EngineInfo
    missing: tuple[Missing, ...]
    least: EngineUsage
    most: EngineUsage
    least_amount: Decimal | None
    most_amount: Decimal | None
    seconds: float | None
    """Processor seconds on a machine like the one measured; None when unknown."""
    price_dates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """The estimate of a whole dub, with money in `currency`."""

    amount: Amount
    stages: tuple[Stage, ...]
    currency: str
    not_chosen: tuple[str, ...] = ()
    """Kinds for which no engine is ready, with the reason."""
    rest_seconds: float = 0.0
    """Processor seconds of work without an engine: decoding, mixing, measuring, delivering."""

    @property
    def cost(self) -> tuple[Decimal, Decimal]:
        """The least and the greatest cost, of stages with a known price."""
        return (
            sum((s.least_amount for s in self.stages if s.least_amount is not None), Decimal()),
            sum((s.most_amount for s in self.stages if s.most_amount is not None), Decimal()),
        )

    @property
    def unpriced(self) -> tuple[Stage, ...]:
        """Stages whose price is unknown."""
        return tuple(stage for stage in self.stages if stage.least_amount is None)

    @property
    def untimed(self) -> tuple[Stage, ...]:
        """Stages whose time is unknown."""
        return tuple(stage for stage in self.stages if stage.seconds is None)

    @property
    def seconds(self) -> float:
        """Processor time of the stages whose speed was measured, and of the rest."""
        return sum((stage.seconds for stage in self.stages if stage.seconds is not None), self.rest_seconds)


def clock_seconds(found: Estimate, settings: Settings) -> float | None:
    """Return the time by the clock with the workers that the settings ask for.

    Chunks are dealt out whole, lines and windows one by one; decoding and mixing are not shared out. Returns
    None where the work is not spread, where nobody says how many workers a cluster has, and where an engine
    was never measured.
    """
    execution = settings.execution
    lanes = count_lanes(execution)
    if lanes == 0 or found.untimed:
        return None
    chunks = max(1, math.ceil(found.amount.programme_seconds / settings.scenes.chunk_seconds))
    heard = math.ceil(chunks / lanes) / chunks
    shares = {Kind.TRANSLATOR: 1 / lanes, Kind.VOICE: 1 / lanes}
    spread = sum(shares.get(stage.kind, heard) * (stage.seconds or 0.0) for stage in found.stages)
    return spread + found.rest_seconds


def listen(info: MediaInfo, target: str, *, source: str = "", cancel: CancelToken = NEVER) -> Amount:
    """Measure quickly how much of a file is speech. Raises MediaError, CancelledError."""
    length = info.duration / SAMPLE_RATE
    share, whole = speech_share(info, cancel=cancel)
    rate = float(info.video.frame_rate) if info.video else 0.0
    if share is None:
        return replace(assume(length, target, source=source), frame_rate=rate)
    found = _guessed(length, length * share, target, source, "whole" if whole else "sampled")
    return replace(found, frame_rate=rate)


def assume(seconds: float, target: str, *, source: str = "") -> Amount:
    """Return the amount with a usual share of speech, when it cannot be measured quickly."""
    return _guessed(seconds, seconds * _ASSUMED_SHARE, target, source, "assumed")


def _guessed(seconds: float, speech: float, target: str, source: str, heard: str) -> Amount:
    said, to_say = (round(speech * _letters_a_second(one)) for one in (source or "en", target))
    return Amount(seconds, speech, math.ceil(speech / _LINE_SECONDS), said, to_say, heard)


def of_script(script: Script, voice: str = "") -> Amount:
    """Return what is left to do in a project.

    Lines with a translation are not translated again, and lines that the engine `voice` has spoken with their
    present words are not voiced again.
    """
    rate = script.programme.sample_rate
    open_ = [line for line in script.lines if not line.translation and "translation" not in line.edited]
    silent = [line for line in script.lines if not line.translation and line not in open_]
    unsaid = [line for line in script.lines if line not in silent and not _said(line, voice)]
    seen = [line for line in script.lines if _may_be_seen(line)]
    known = sum(len(line.spoken_translation) for line in unsaid)
    guessed = sum(line.length for line in open_) / rate * _letters_a_second(script.target_language)
    return Amount(
        script.programme.length / rate,
        sum(line.length for line in script.lines) / rate,
        len(script.lines),
        sum(len(line.spoken_text) for line in script.lines),
        known + round(guessed),
        "script",
        hear=False,
        translate=bool(open_),
        voice_lines=len(unsaid),
        voice_seconds=sum(line.length for line in unsaid) / rate,
        frame_rate=float(script.programme.frame_rate) if script.programme.frame_rate else 0.0,
        seen_lines=len(seen) if any(line.on_screen for line in script.lines) else None,
        seen_seconds=sum(line.length for line in seen) / rate,
    )


def _may_be_seen(line: Line) -> bool:
    return line.on_screen is None or line.on_screen.presence in {Presence.ON, Presence.PARTLY}


def _said(line: Line, voice: str) -> bool:
    take = line.take
    if take is None or take.human:
        return take is not None
    return take.text == line.spoken_translation and take.engine.split(" ")[0] == voice


def voice_name(target: str, settings: Settings) -> str:
    """Return the voice engine that the settings choose; "" when none is ready."""
    try:
        return _spec(Kind.VOICE, "", target, settings).info.name
    except (EngineMissingError, LanguageError):
        return ""


def estimate(amount: Amount, source: str, target: str, settings: Settings) -> Estimate:
    """Estimate an amount of work with the engines that the settings choose.

    Engines chosen by name need not be ready here. Raises UnknownEngineError, and InputError for a wrong price
    table.
    """
    table = load_prices(Path(settings.prices.file) if settings.prices.file else None)
    left = {
        Kind.TRANSLATOR: amount.translate,
        Kind.VOICE: amount.to_voice[0] > 0,
        Kind.FACE_TRACKER: settings.faces.find and amount.hear and amount.frame_rate > 0,
        Kind.LIP_SYNC: settings.lips.make and amount.frame_rate > 0,
    }
    wanted = [kind for kind in STAGES if left.get(kind, amount.hear)]
    specs, without = {}, []
    for kind in wanted:
        try:
            specs[kind] = _spec(kind, source, target, settings)
        except (EngineMissingError, LanguageError) as error:
            without.append(f"{kind}: {error.message} {error.hint}".strip())
    writer = specs.get(Kind.TRANSLATOR)
    again = settings.fit.rewrites if writer and BUDGET in writer.info.capabilities else 0
    stages = tuple(_stage(kind, spec, amount, again, settings, table) for kind, spec in specs.items())
    rest = _speeds()["rest", "rythmo"][0] * amount.programme_seconds
    return Estimate(amount, stages, table.currency, tuple(without), rest)


def _spec(kind: Kind, source: str, target: str, settings: Settings) -> EngineSpec:
    name = settings.engine_names()[kind]
    language = {Kind.TRANSCRIBER: source or None, Kind.TRANSLATOR: target, Kind.VOICE: target}.get(kind)
    if name != registry.AUTO:
        return registry.find(kind, name)
    return registry.choose(kind, name, language=language, settings=settings.options)


def _stage(
    kind: Kind, spec: EngineSpec, amount: Amount, rewords: int, settings: Settings, table: PriceTable
) -> Stage:
    own = registry.options_of(settings.options, kind, spec.info.name)
    model = str(own.get("model") or spec.info.version)
    least, most = (
        EngineUsage(str(kind), spec.info.name, model, *_asked(kind, amount, settings, again))
        for again in (0, rewords)
    )
    if kind is Kind.LIP_SYNC and amount.seen_lines is None:
        # Nobody has looked yet: there may be nobody on screen.
        least = replace(least, requests=0, units={})
    local = spec.info.local
    prices = table.of(str(kind), spec.info.name, model)
    return Stage(
        kind,
        spec.info,
        registry.missing(spec, own),
        least,
        most,
        Decimal() if local else table.cost(least),
        Decimal() if local else table.cost(most),
        _seconds(kind, spec.info.name, amount, least),
        tuple(sorted({price.date for price in prices})),
    )


def _asked(kind: Kind, amount: Amount, settings: Settings, again: int) -> tuple[int, int, dict[str, float]]:
    """Return (requests, 0, units) of a stage when every line is reworded `again` times."""
    speech, lines = amount.speech_seconds, amount.lines
    if kind is Kind.TRANSLATOR:
        window, around = settings.translate.window, 2 * settings.translate.context
        windows = math.ceil(lines / window)
        said, to_say = amount.source_characters, amount.target_characters
        line = said / max(1, lines) + _JSON_LETTERS
        asked = windows * (_RULES_LETTERS + (window + around) * line) + again * lines * (
            _RULES_LETTERS + line
        )
        given = (1 + again) * (to_say + lines * _JSON_LETTERS / 2)
        tokens = {"input_tokens": asked / _LETTERS_A_TOKEN, "output_tokens": given / _LETTERS_A_TOKEN}
        return windows + again * lines, 0, {name: float(round(n)) for name, n in tokens.items()}
    if kind is Kind.VOICE:
        times, (lines, seconds) = 1 + again, amount.to_voice
        units = {"characters": times * amount.target_characters, "seconds": round(times * seconds, 1)}
        return times * lines, 0, units
    if kind is Kind.LIP_SYNC:
        seconds = speech if amount.seen_seconds is None else amount.seen_seconds
        units = {"frames": float(round(seconds * amount.frame_rate)), "seconds": round(seconds, 1)}
        return lines if amount.seen_lines is None else amount.seen_lines, 0, units
    chunks = max(1, math.ceil(amount.programme_seconds / settings.scenes.chunk_seconds))
    if kind is Kind.TRANSCRIBER:
        return chunks, 0, {"seconds": round(speech, 1)}
    return chunks, 0, {"seconds": round(amount.programme_seconds, 1)}


def _seconds(kind: Kind, engine: str, amount: Amount, spent: EngineUsage) -> float | None:
    entry = _speeds().get((str(kind), engine))
    if entry is None:
        return None
    times: Mapping[str, float] = {
        "programme": amount.programme_seconds,
        "speech": amount.speech_seconds,
        "line": amount.to_voice[0],
        "request": spent.requests,
        "face": amount.speech_seconds if amount.seen_seconds is None else amount.seen_seconds,
    }
    return entry[0] * times[entry[1]]


def engine_seconds(kind: Kind, engine: str, amount: float) -> float | None:
    """Return the processor seconds that an engine takes for an `amount` of what its speed is stated for.

    Returns None for an engine that nobody measured.
    """
    entry = _speeds().get((str(kind), engine))
    return None if entry is None else entry[0] * amount


def _letters_a_second(language: str) -> float:
    each = 1.0 if pace.choose_unit(language) is pace.PaceUnit.CHARACTERS else _LETTERS_A_WORD
    return float(pace.default_pace().per_second(language)) * each


@cache
def _speeds() -> dict[tuple[str, str], tuple[float, str]]:
    data = tomllib.loads(files("rythmo.engines").joinpath("speeds.toml").read_text(encoding="utf-8"))
    return {(one["kind"], one["engine"]): (float(one["seconds"]), str(one["of"])) for one in data["speed"]}
