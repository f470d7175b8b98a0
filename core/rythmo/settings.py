"""What the user may set: one frozen dataclass for each stage, with the defaults that the docs explain.

Read once, at the edge: defaults, then the user's own `settings.toml` in RYTHMO_HOME, then the project's,
then RYTHMO_<STAGE>_<FIELD> from the environment, then flags. The same check serves them all: a wrong name or
type is a UsageError. What a project's file asks for beyond its own dub counts only when the user has allowed
it; see wishes.py.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_type_hints

import msgspec
import tomli_w

from rythmo import trust
from rythmo.engines.base import Kind, without_password
from rythmo.errors import UsageError
from rythmo.files import shown, write_atomically
from rythmo.home import own_settings
from rythmo.mix.bed import PAD_AFTER_MS, PAD_BEFORE_MS
from rythmo.mix.turnover import TurnoverSettings
from rythmo.script.fit import FitSettings
from rythmo.wishes import Wish, fingerprint, split

PREFIX = "RYTHMO_"


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Which engine does what; "auto" takes the best that is ready on this machine."""

    separator: str = "auto"
    diarizer: str = "auto"
    embedder: str = "auto"
    transcriber: str = "auto"
    translator: str = "auto"
    voice: str = "auto"


@dataclass(frozen=True, slots=True)
class TrackSettings:
    """Sound that is dialogue (`dx`) or M&E (`me`) already, used in place of separation: a file, `#2` for
    the second sound track of the programme's own file, or `FILE#2`.

    `audio` is the sound track that is dubbed, where the file has several: its number, counted from 1, or its
    language; "" takes the default one in the language of the original."""

    dx: str = ""
    me: str = ""
    audio: str = ""


@dataclass(frozen=True, slots=True)
class ScriptSettings:
    """How the user's own subtitle files are read.

    `encoding` names what they were saved in ("cp1251"; two, with a comma, for script and translation); "" has
    it found. `offset` is added to the script's times: seconds, or "auto" for the constant by which it misses
    the speech; "" tells of one and leaves the times alone."""

    encoding: str = ""
    offset: str = ""


@dataclass(frozen=True, slots=True)
class SceneSettings:
    """Chunks of whole scenes: at most `chunk_seconds`, overlapping by `overlap_seconds`."""

    chunk_seconds: float = 300.0
    overlap_seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class SpeakerSettings:
    """`count` is obeyed over the whole programme when given (0: find out)."""

    count: int = 0


@dataclass(frozen=True, slots=True)
class LineSettings:
    """Where words break into lines: at a pause, at a sentence end with a short pause, at the longest
    pause of a line that got too long."""

    pause_seconds: float = 0.55
    sentence_pause_seconds: float = 0.2
    longest_seconds: float = 8.0
    snap_seconds: float = 0.25
    """A line's start moves to the onset of speech when that is no further away than this."""


@dataclass(frozen=True, slots=True)
class TranslateSettings:
    """Windows of `window` lines with `context` lines of dialogue on either side; `glossary`: term -> what
    stands for it in the translation (itself: it is not translated)."""

    window: int = 5
    context: int = 3
    glossary: Mapping[str, str] = field(default_factory=dict)
    dub_target_language: bool = False
    """Whether lines that are in the target language already are dubbed too; else their original sound
    stays."""


@dataclass(frozen=True, slots=True)
class MixSettings:
    """How far each dialogue region reaches beyond its lines before the original comes back; the loudness
    that the whole mix is brought to ("none", "r128", "netflix")."""

    pad_before_ms: float = PAD_BEFORE_MS
    pad_after_ms: float = PAD_AFTER_MS
    loudness: str = "none"
    fill: bool = False
    """Room tone where separation left the bed emptier than the scene around it."""
    room: bool = False
    """Tone and reverberation of each speaker's original lines on that speaker's takes."""
    stretcher: str = "auto"
    """What takes are stretched by: "auto" (signalsmith) is quick; "final" is Rubber Band where it is
    installed, slower and the best; or one of them by name."""


@dataclass(frozen=True, slots=True)
class CastSettings:
    """The cast file that speakers are known by, give their voices, and say who may be cloned."""

    file: str = ""
    keep_clones: bool = False
    """Clones stay at the service when the work is done, for the next episode of the same cast file;
    `rythmo doctor --clean-voices` deletes them. Otherwise they are deleted at the end of every job."""


@dataclass(frozen=True, slots=True)
class DeliverSettings:
    """Formats to deliver, comma-separated."""

    formats: str = "otio,srt,mp4"

    @property
    def names(self) -> tuple[str, ...]:
        """The formats one by one."""
        return tuple(name.strip() for name in self.formats.split(",") if name.strip())


@dataclass(frozen=True, slots=True)
class SubtitleSettings:
    """The norms of subtitles. `line_width` and `characters_per_second` of 0 mean the language's own: 42 and
    17, less for Chinese, Japanese and Korean. Times are in seconds; `gap_frames` lie between two cues, and
    gaps below `chain_seconds` are closed to them."""

    line_width: int = 0
    max_lines: int = 2
    characters_per_second: float = 0.0
    min_seconds: float = 5 / 6
    max_seconds: float = 7.0
    gap_frames: int = 2
    chain_seconds: float = 0.5
    dual_speakers: bool = True
    """Two people who speak at once share a cue, each behind a dash."""
    speaker_labels: bool = False
    direction_marks: bool = True
    """Lines from right to left are embedded in marks that say so; some players show the marks."""


@dataclass(frozen=True, slots=True)
class TimelineSettings:
    """For input from a timeline: folders where media that moved is looked for, and which of its sound tracks
    (A1 ... or by name, comma-separated) are dialogue and which M&E. By default names and roles decide.

    `rate` is the frame rate of an EDL, which does not hold one: 23.976, 25 ... `sequence` names the timeline
    to take where the file holds several.
    """

    media_dirs: tuple[str, ...] = ()
    dialogue_tracks: str = ""
    me_tracks: str = ""
    rate: str = ""
    sequence: str = ""


@dataclass(frozen=True, slots=True)
class PriceSettings:
    """`file`: a table of prices of your own (see rythmo/engines/prices.toml)."""

    file: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """All of them."""

    engines: EngineSettings = field(default_factory=EngineSettings)
    tracks: TrackSettings = field(default_factory=TrackSettings)
    script: ScriptSettings = field(default_factory=ScriptSettings)
    scenes: SceneSettings = field(default_factory=SceneSettings)
    speakers: SpeakerSettings = field(default_factory=SpeakerSettings)
    lines: LineSettings = field(default_factory=LineSettings)
    translate: TranslateSettings = field(default_factory=TranslateSettings)
    fit: FitSettings = field(default_factory=FitSettings)
    mix: MixSettings = field(default_factory=MixSettings)
    timeline: TimelineSettings = field(default_factory=TimelineSettings)
    cast: CastSettings = field(default_factory=CastSettings)
    deliver: DeliverSettings = field(default_factory=DeliverSettings)
    subtitles: SubtitleSettings = field(default_factory=SubtitleSettings)
    turnover: TurnoverSettings = field(default_factory=TurnoverSettings)
    prices: PriceSettings = field(default_factory=PriceSettings)
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Each engine's own settings, by its name: model, base_url, device ... Keys and tokens never belong
    here; they come from the environment or the keyring."""

    def engine_names(self) -> dict[Kind, str]:
        """The chosen engines by kind."""
        chosen = self.engines
        return {
            Kind.SEPARATOR: chosen.separator,
            Kind.DIARIZER: chosen.diarizer,
            Kind.EMBEDDER: chosen.embedder,
            Kind.TRANSCRIBER: chosen.transcriber,
            Kind.TRANSLATOR: chosen.translator,
            Kind.VOICE: chosen.voice,
        }


Changes = Mapping[str, Mapping[str, Any]]
"""Stage -> field -> value; a value of None changes nothing."""


Asks = Literal["refuse", "leave out", "keep"]
"""What becomes of wishes in a project's file that the user has not decided on: an error, nothing, or (only to
write the file again) they stay as they are."""


def resolve(
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Changes | None = None,
    wishes: Asks = "refuse",
) -> Settings:
    """The settings in force. `file` is a project's own.

    Raises UsageError for a name or a value that does not exist, UntrustedError for what the file may not ask
    for by itself (a wish that a flag or the environment overrides is none).
    """
    own = own_settings(environment) if environment is not None else None
    above = (("the environment", _from_environment(environment or {})), ("the command line", flags or {}))
    project = _of_project(file, [changes for _, changes in above], wishes)
    settings = Settings()
    for where, changes in ((str(own), _read(own)), (str(file), project), *above):
        settings = _changed(settings, changes, where)
    return settings


def wishes_in(file: Path | None) -> tuple[Wish, ...]:
    """What a project's settings ask for that only the user can allow. Raises UsageError when damaged."""
    return split(_read(file))[1]


def wishes_of(settings: Settings) -> tuple[Wish, ...]:
    """What these settings will ask for once they are written to a project."""
    return split(msgspec.to_builtins(settings))[1]


def _of_project(file: Path | None, above: Sequence[Changes], asks: Asks) -> Changes:
    """The settings of a project's file that count."""
    whole = _read(file)
    free, wishes = split(whole)
    if file is None or not wishes or asks == "keep":
        return whole
    known, mark = trust.allowed(file.parent), fingerprint(wishes)
    if known.settings == mark:
        return whole
    open_ = [wish for wish in wishes if not any(_sets(changes, wish.path) for changes in above)]
    if open_ and asks == "refuse" and known.left_out != mark:
        trust.require_settings(file.parent, open_)
    return free


def _sets(changes: Changes, path: Sequence[str]) -> bool:
    """Whether these changes say something else instead."""
    value: Any = changes
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value is not None


def save(settings: Settings, path: Path) -> None:
    """Write `settings.toml`."""
    write_atomically(path, tomli_w.dumps(msgspec.to_builtins(settings)).encode())


def _read(path: Path | None) -> Changes:
    if path is None or not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise UsageError(
            f"{shown(path)} is not valid TOML: {shown(str(error)[:200])}.",
            hint="Mend it, or delete it to use the defaults.",
        ) from error
    except OSError as error:
        raise UsageError(
            f"{shown(path)} cannot be read: {error.strerror or error}.", hint="Check who may read it."
        ) from error


def _from_environment(environment: Mapping[str, str]) -> Changes:
    changes: dict[str, dict[str, Any]] = {}
    stages = {stage.name for stage in fields(Settings)}
    for name, value in environment.items():
        stage, _, setting = name.removeprefix(PREFIX).lower().partition("_")
        if name.startswith(PREFIX) and stage in stages and setting:
            changes.setdefault(stage, {})[setting] = value
    return changes


def _changed(settings: Settings, changes: Changes, where: str) -> Settings:
    for stage, values in changes.items():
        if not isinstance(values, Mapping):
            raise UsageError(f"{where} sets {stage}, which is no setting.", hint=f"Write [{stage}] above it.")
        if stage == "options":
            settings = replace(settings, options=_merged(settings.options, values, where))
            continue
        part: Any = getattr(settings, stage, None)
        known = [f.name for f in fields(part)] if part is not None else []
        for name, value in values.items():
            if name not in known:
                hint = f"[{stage}] has: {', '.join(known)}." if known else "See the settings in the README."
                raise UsageError(f"{where} sets {stage}.{name}, which does not exist.", hint=hint)
            if value is not None:
                part = replace(part, **{name: _converted(type(part), name, value, where)})
        settings = replace(settings, **{stage: part}) if known else settings
    return settings


def _merged(
    options: Mapping[str, Mapping[str, Any]], changes: Mapping[str, Any], where: str
) -> Mapping[str, Mapping[str, Any]]:
    """Options of several engines, later ones first; an engine's options are a table of its own."""
    merged = {name: dict(values) for name, values in options.items()}
    for engine, values in changes.items():
        if not isinstance(values, Mapping):
            raise UsageError(
                f"{where} sets options.{engine}.", hint=f"Write [options.{engine}] and below it its names."
            )
        for name, value in values.items():
            if isinstance(value, str) and without_password(value) != value:
                raise UsageError(
                    f"{where} has a password in {engine}.{name}: settings are kept in files.",
                    hint="Write the address without it; keys come from the environment or the keyring.",
                )
        merged.setdefault(engine, {}).update(values)
    return merged


def _converted(owner: type[Any], name: str, value: Any, where: str) -> Any:
    wanted = get_type_hints(owner)[name]
    try:
        return msgspec.convert(value, wanted, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"{where} sets {name} to {value!r}.", hint=f"It takes a {wanted.__name__}."
        ) from error
