"""Define a dub's job and result, and check everything that can be checked before work begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rythmo import hooks, languages
from rythmo.casting import cast_file
from rythmo.dubbing.costs import Bill
from rythmo.engines import registry
from rythmo.engines.abilities import PairInstaller
from rythmo.engines.base import EngineSpec, Kind, Translator
from rythmo.engines.pool import EnginePool
from rythmo.engines.prices import load_prices
from rythmo.engines.timing import Work
from rythmo.errors import EngineMissingError, InputError
from rythmo.execution.groups import check_execution
from rythmo.media.media_info import MediaInfo
from rythmo.media.subtitle_track import read_track
from rythmo.media.tracks import offer_subtitles
from rythmo.mix import stretch, turnover
from rythmo.mix.delivery_loudness import parse_target
from rythmo.project.language_folders import further_root
from rythmo.project.workspace import SUFFIX, Project
from rythmo.provenance.disclosure import check_places
from rythmo.provenance.record import SignedDeliveries
from rythmo.provenance.signing_choice import check_signing
from rythmo.scratch import scratch_folder
from rythmo.script.model import Programme, Script
from rythmo.script.subtitle_file import ExpectedSubtitles, SubtitleFile
from rythmo.settings import OFF, Settings
from rythmo.stages import script_timing, source_language
from rythmo.timebase import SAMPLE_RATE

STREAM = "stream:"
"""Prefix of the number of a subtitle track of the film, which may be given instead of a file."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to dub. A `source_language` of "" is detected; `out` is the parent of the project's folder.

    `script` and `translation` are subtitle files that replace recognition and machine translation.
    Languages may be given as people write them ("pt-BR", "Spanish"); a job has their codes. Raises
    LanguageError.
    """

    source: Path
    target_language: str
    source_language: str = ""
    out: Path = Path()
    script: Path | None = None
    translation: Path | None = None

    def __post_init__(self) -> None:
        # Engines know codes without a region: a job for "pt-br" would find no recogniser to hear its dub.
        object.__setattr__(self, "target_language", languages.parse_language(self.target_language))
        if self.source_language:
            object.__setattr__(self, "source_language", languages.parse_language(self.source_language))


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a run: the project, its script, the delivered files, and notes for the user."""

    project: Project
    script: Script
    deliveries: tuple[Path, ...]
    notes: tuple[str, ...] = ()
    signed: SignedDeliveries | None = None
    """What was signed of the deliveries, and by whom; None where nothing was delivered."""
    cost: Bill | None = None
    """The cost of this run's remote engines; `cost_so_far` includes all earlier runs of the project."""
    cost_so_far: Bill | None = None
    work: tuple[Work, ...] = ()
    """The working time of each stage in this run."""


@dataclass(frozen=True, slots=True)
class Cues:
    """The cues of the user's own script and translation."""

    script: SubtitleFile = field(default_factory=SubtitleFile)
    translation: SubtitleFile = field(default_factory=SubtitleFile)

    @staticmethod
    def read(job: Job, settings: Settings, programme: Programme, info: MediaInfo) -> Cues:
        """Read the files before any work, so that a bad file costs nothing.

        `stream:2` is the second subtitle track of the programme's own file.
        """
        of_script, _, of_translation = (part.strip() for part in settings.script.encoding.partition(","))
        people = cast_file.load_cast(Path(settings.cast.file)).people if settings.cast.file else ()
        common = ExpectedSubtitles(
            rate=programme.rate, drop=programme.drop, cast=tuple(person.name for person in people)
        )
        read, rate = hooks.load_subtitle_reader(), SAMPLE_RATE
        source, target = job.source_language, job.target_language
        wanted = replace(common, language=source, other=target, encoding=of_script)
        with scratch_folder("cues") as folder:
            script, translation = (_file(path, info, folder) for path in (job.script, job.translation))
            own = read(script, rate, wanted) if script else SubtitleFile()
            wanted = replace(common, language=target, other=source, encoding=of_translation or of_script)
            translated = read(translation, rate, wanted) if translation else SubtitleFile()
        return Cues(own, translated)


def _file(path: Path | None, info: MediaInfo, folder: Path) -> Path | None:
    """Return the subtitle file. A track of the film is written to a file in `folder`."""
    if path is None or not is_track(str(path)):
        return path
    number = str(path).removeprefix(STREAM)
    made = Path(folder) / f"{info.path.stem}, subtitle track {number}.srt"
    made.write_bytes(read_track(info, int(number)))
    return made


def is_track(path: str) -> bool:
    """Tell whether a name means a subtitle track of the film ("stream:2"), not a file."""
    return path.startswith(STREAM) and path.removeprefix(STREAM).isdigit()


def offered_subtitles(job: Job, info: MediaInfo) -> tuple[str, ...]:
    """Return notes on the film's subtitles that could be used as script or translation."""
    offers = (
        "" if job.script else offer_subtitles(info, job.source_language, "--script"),
        "" if job.translation else offer_subtitles(info, job.target_language, "--translation"),
    )
    return tuple(offer for offer in offers if offer)


def check_settings(settings: Settings) -> None:
    """Check the settings before any work.

    Raises UsageError for unknown names, EngineMissingError for a stretcher that is not installed, and
    InputError for a cast file that cannot be read.
    """
    hooks.check_formats(settings.deliver.names)
    registry.check_options(settings.options)
    if settings.script.offset:
        script_timing.parse_offset(settings.script.offset)
    check_execution(settings.execution)
    parse_target(settings.mix.loudness)
    stretch.parse_method(settings.mix.stretcher)
    load_prices(Path(settings.prices.file) if settings.prices.file else None)
    if settings.cast.file:
        cast_file.load_cast(Path(settings.cast.file))
    turnover.check_turnover(settings.turnover)
    check_places(settings.provenance.disclosure)
    check_signing(settings.provenance)


def require_watermark(settings: Settings, given: Mapping[Kind, EngineSpec]) -> None:
    """Check, before any work, that the watermark that is asked for is installed; `given` ones are.

    Raises UnknownEngineError and EngineMissingError.
    """
    name = settings.engines.watermark
    if name != OFF and Kind.WATERMARK not in given:
        registry.choose(Kind.WATERMARK, name, settings=settings.options)


def voice_job(project: Project, settings: Settings) -> dict[str, Any]:
    """Return the job's data for voice engines: the owner of its clones, and the folder of references.

    Clones belong to the project, so that a run after a crash finds them, or to the cast file when they are
    kept for the next episode.
    """
    root = project.home.resolve()
    kept = settings.cast.keep_clones and bool(settings.cast.file)
    owner = Path(settings.cast.file).resolve() if kept else root
    return {"job": str(owner), "references": str(root / "references"), "keep_voices": kept}


def with_language(job: Job, engines: EnginePool) -> Job:
    """Without --from, take the transcriber's language when it knows only one.

    The language stays open when the transcriber can detect it. Raises InputError when it stays unknown.
    """
    if job.source_language:
        return job
    if job.script:
        raise InputError(
            "The language of --script is not known.", hint="Give it with --from, for example --from en."
        )
    info = engines.spec(Kind.TRANSCRIBER).info
    if source_language.CAPABILITY in info.capabilities:
        return job
    languages = sorted(info.languages)
    if len(languages) != 1:
        raise InputError(
            "The language of the original is not known.", hint="Give it with --from, for example --from en."
        )
    return replace(job, source_language=languages[0])


def require_engines(job: Job, engines: EnginePool, *, separated: bool = False) -> None:
    """Raise EngineMissingError or LanguageError before work begins when an engine is missing.

    `separated` means that DX and M&E exist already. When the source language is detected later, call it again
    then, to check that it can be translated.
    """
    for kind in (Kind.DIARIZER,) if separated else (Kind.SEPARATOR, Kind.DIARIZER):
        engines.spec(kind)
    if not job.script:
        engines.spec(Kind.TRANSCRIBER, job.source_language or None)
    if not job.translation and job.source_language:
        _require_pair(job, engines)
    engines.spec(Kind.VOICE, job.target_language)


def require_picture_engines(settings: Settings, engines: EnginePool, *, has_picture: bool) -> None:
    """Raise EngineMissingError before work begins when faces or lips are asked for and no engine is ready."""
    if has_picture and settings.faces.find:
        engines.spec(Kind.FACE_TRACKER)
    if has_picture and settings.lips.make:
        engines.spec(Kind.LIP_SYNC)


def require_voices(job: Job, engines: EnginePool) -> None:
    """Raise EngineMissingError or LanguageError when a further language cannot be translated or spoken."""
    engines.spec(Kind.SEPARATOR)
    if not job.translation:
        _require_pair(job, engines)
    engines.spec(Kind.VOICE, job.target_language)


def _require_pair(job: Job, engines: EnginePool) -> None:
    if engines.is_absent(Kind.TRANSLATOR, job.target_language):
        return  # a worker says so when it cannot
    engine = engines.translator(job.target_language)
    pairs = engine.pairs()
    if pairs and (job.source_language, job.target_language) not in pairs:
        name = engines.spec(Kind.TRANSLATOR, job.target_language).info.name
        ways = translation_ways(engine, name, job.source_language, job.target_language)
        raise EngineMissingError(
            f"{name} cannot translate {job.source_language} to {job.target_language} on this machine.",
            hint=" ".join(ways),
        )


def translation_ways(engine: Translator, name: str, source: str, target: str) -> list[str]:
    """Return sentences that say how to translate a pair of languages that `engine` cannot do here."""
    command = engine.pair_command(source, target) if isinstance(engine, PairInstaller) else ""
    from_source = sorted(to for at, to in engine.pairs() if at == source)
    others = [
        spec.info.name
        for spec in registry.installed()[Kind.TRANSLATOR]
        if spec.info.name != name and (not spec.info.languages or target in spec.info.languages)
    ]
    return [
        *([f"Get the pair with: {command}."] if command else []),
        "Or bring the translation as subtitles: --translation FILE.srt.",
        *([f"Or choose another engine with --translator: {', '.join(others)}"] if others else []),
        *(["(`rythmo engines NAME` says how to get one)."] if others else []),
        f"From {source} {name} can do: {', '.join(from_source) or 'nothing'}.",
    ]


def project_for(job: Job, info: MediaInfo) -> Project:
    """Return the folder of the job's language: NAME.rythmo, or one of its further languages.

    Raises InputError when a project of that name holds other media.
    """
    project = find_project(info.path, job.out, job.target_language)
    home = Project(project.home)
    if home.exists():
        source = home.load().programme.source
        if Path(source).name != info.path.name:
            raise InputError(
                f"{home.root} is a dub of other media ({source}).", hint="Choose another folder with --out."
            )
    return project


def settings_of(job: Job) -> Path | None:
    """Return the settings file that the job starts from; None for a new project.

    A further language starts from the settings of the first one.
    """
    project = find_project(job.source, job.out, job.target_language)
    for known in (project, Project(project.home)):
        if known.exists():
            return known.settings_file
    return None


def find_project(source: Path, out: Path, language: str) -> Project:
    """Return the folder of a dub of that source into a language, whether it exists or not.

    NAME.rythmo holds the first language and, in folders of their own, the further ones. Before that, each
    further language was a project NAME.<language>.rythmo; one that exists is used.
    """
    home = Project(out / f"{source.stem}{SUFFIX}")
    folders = home.languages
    for folder in folders:
        if folder.language == language:
            return Project(folder.root)
    if not folders:
        return home
    beside = Project(out / f"{source.stem}.{language}{SUFFIX}")
    if any(folder.language == language for folder in beside.languages):
        return beside
    return Project(further_root(home.root, language))
