"""Writes a project's deliveries, `deliver/<language>/NAME.<language>.*`: the pipeline's last stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rythmo.progress import NEVER, CancelToken, Progress, Report, ignore_progress
from rythmo.project.kept_loops import find_loops, keep_loops
from rythmo.project.known_cuts import find_known_cuts
from rythmo.project.workspace import Project
from rythmo.script.loop_numbers import LoopPlan
from rythmo.script.loops import LoopSettings
from rythmo.script.model import Script
from rythmo.settings import SubtitleSettings
from rythmo_bridge.assemble.film import make_film
from rythmo_bridge.assemble.merged_timeline import merge_dub
from rythmo_bridge.assemble.programme import reopen
from rythmo_bridge.formats.registry import writers
from rythmo_bridge.frame_grid import on_frames
from rythmo_bridge.lip_track import add_lips
from rythmo_bridge.script_timeline import ProgrammeSource, script_timeline
from rythmo_bridge.subtitles.conventions import Conventions, conventions_of
from rythmo_bridge.timeline import Media, Timeline

STAGE = "deliver"
_NORMS = SubtitleSettings()
_LOOPS = LoopSettings()
FILM = "mp4"
"""The format that needs the whole picture in one file."""


def deliver(
    project: Path,
    script: Script,
    formats: Sequence[str],
    *,
    source: Path | None,
    subtitles: SubtitleSettings = _NORMS,
    loops: LoopSettings = _LOOPS,
    report: Report = ignore_progress,
    cancel: CancelToken = NEVER,
) -> tuple[Path, ...]:
    """Write the script in each of `formats` (names of `rythmo.formats`) and return the paths, in order.

    A format that has nothing to write for this programme (a film without picture) returns no path.

    Args:
        project: The project's folder.
        script: What to deliver.
        formats: Names of the formats to write.
        source: The programme's media. If None, the original's tracks are left out and no film is made.
        subtitles: The norms that subtitles keep.
        loops: Where recording loops end. Their numbers are kept with the project once a format has them.
        report: Receives progress.
        cancel: Stops between two files.

    Raises:
        UsageError: A format is unknown; nothing is written.
        OutputError: A file cannot be written.
        CancelledError: The run was cancelled.
    """
    chosen = writers(formats)
    plan = find_loops(project, script, loops)
    delivery = project_timeline(project, script, source, conventions_of(subtitles), plan)
    if any(form.name == FILM for form, _ in chosen):
        delivery = _with_film(delivery, project, report, cancel)
    stem = _stem(script)
    folder = project / "deliver" / script.target_language
    made: list[Path] = []
    framed: Timeline | None = None
    for number, (form, write) in enumerate(chosen):
        cancel.check()
        report(Progress(STAGE, number, len(chosen), form.name))
        wanted = delivery
        if form.timeline and not form.exact:
            wanted = framed = framed or on_frames(delivery, folder / "media")
        made += write(wanted, folder / f"{stem}{form.suffix}")
    if any(form.loops for form, _ in chosen):
        keep_loops(project, plan)
    report(Progress(STAGE, len(chosen), len(chosen)))
    return tuple(made)


def plan_names(script: Script, formats: Sequence[str]) -> tuple[str, ...]:
    """Return the names of what `deliver` would write, below `deliver/<language>`; "*" stands for several.

    Raises:
        UsageError: A format is unknown.
    """
    stem = _stem(script)
    languages = (script.target_language, script.source_language)
    found: list[str] = []
    for form, _ in writers(formats):
        if form.name == FILM and script.programme.frame_rate is None:
            continue
        found += form.names(stem, languages) if form.names else [f"{stem}{form.suffix}"]
    return tuple(found)


def _stem(script: Script) -> str:
    return f"{_file_name(script.programme.name)}.{script.target_language}"


def _with_film(delivery: Timeline, project: Path, report: Report, cancel: CancelToken) -> Timeline:
    """Add the edited picture of the project's timeline, as one file."""
    kept = reopen(Project(project).home)
    if kept is None:
        return delivery

    def tell(fraction: float) -> None:
        report(Progress(STAGE, 0, 1, f"picture {fraction:.0%}"))

    path = make_film(kept, Project(project).artefacts, report=tell, cancel=cancel)
    if path is None:
        return delivery
    media = Media(FILM, path.name, path, delivery.length, frame_rate=delivery.frame_rate)
    return replace(delivery, film=FILM, media={**delivery.media, FILM: media})


def project_timeline(
    project: Path,
    script: Script,
    source: Path | None,
    conventions: Conventions | None = None,
    loops: LoopPlan | None = None,
) -> Timeline:
    """Return the timeline of a project: the dub beside the timeline or the media that it was made from.

    `source` is that media file, None if it is gone.

    Raises:
        MediaError: A file cannot be read.
        TimelineError: The timeline that the project keeps is damaged.
    """
    kept = reopen(Project(project).home)
    if kept is not None:
        dub = script_timeline(script, project, conventions=conventions, loops=loops)
        return add_lips(replace(merge_dub(dub, kept), shots=kept.cuts), project)
    found = _source(script, source) if source else None
    made = script_timeline(script, project, found, conventions=conventions, loops=loops)
    return add_lips(replace(made, shots=_find_shots(project, script)), project)


def _find_shots(project: Path, script: Script) -> tuple[int, ...]:
    """Return the cuts of the picture, none once an editor moved lines against it."""
    if any(line.said_at is not None for line in script.lines):
        return ()
    programme = script.programme
    return find_known_cuts(Project(project).artefacts.root, programme.rate, programme.sample_rate)


def _source(script: Script, path: Path) -> ProgrammeSource:
    programme = script.programme
    return ProgrammeSource(
        path=path,
        length=programme.length,
        channels=programme.channels,
        sample_rate=programme.sample_rate,
        frame_rate=programme.frame_rate,
        size=programme.size,
    )


def _file_name(name: str) -> str:
    """Return the programme's name as a file name that every system accepts."""
    cleaned = "".join("_" if c in '<>:"/\\|?*' or ord(c) < 32 else c for c in name).strip(" .")
    return cleaned[:120] or "programme"
