"""The two conversations that a host's menu offers: dub this timeline, and conform the dub to an edit.

Each is a generator that yields steps for the host script and receives the script's reports. Long work runs in
a job of the service; meanwhile the script gets `wait` steps and polls.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rythmo.counts import format_count
from rythmo.errors import CancelledError, InputError, TimelineError
from rythmo.files import make_printable
from rythmo.project_paths import SUFFIX, find_home
from rythmo.timebase import format_timecode
from rythmo_bridge.formats.registry import read_timeline
from rythmo_bridge.timeline import Timeline
from rythmo_plugin.hosts import placement, reports, stale_clips
from rythmo_plugin.hosts.clip_files import write_host_files
from rythmo_plugin.hosts.line_protocol import Step, step
from rythmo_plugin.hosts.reports import HostContent
from rythmo_plugin.hosts.session import Choice, Row, Session, State, Talk
from rythmo_plugin.hosts.stale_clips import StaleClip
from rythmo_plugin.hosts.steps import LOOK
from rythmo_plugin.hosts.wanted_layout import Layout

_POLL_SECONDS = "1"
_NAME_LENGTH = 80
_STOPPED = "Stopped. The timeline was not changed."


@dataclass(frozen=True, slots=True)
class JobStatus:
    """The present state of a job of the service. `project` is set once the job is done."""

    state: str
    fraction: float
    text: str = ""
    project: Path | None = None
    error: tuple[str, str] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EditReview:
    """What an edit of the timeline means for the project.

    `rows` and `notes` are shown to the user. `changed` lines need new clips; `left` lines have a conflict and
    stay untouched. Of `sounding` lines only the level changed, so their clips are already right.
    `accept` holds the codes of the questions that pressing the button answers with yes.
    """

    id: str
    rows: tuple[Row, ...]
    changed: frozenset[str]
    left: frozenset[str]
    sounding: frozenset[str] = frozenset()
    applies: bool = False
    notes: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()


class HostBackend(Protocol):
    """What a conversation needs from the service."""

    def folder(self, session: Session) -> Path:
        """Return the folder for this timeline's project. No other timeline uses it."""

    def claim(self, session: Session) -> None:
        """Record that the session's folder belongs to its timeline."""

    def last_choice(self) -> Choice:
        """Return the choice of the previous session."""

    def remember(self, choice: Choice) -> None:
        """Store the choice for the next session."""

    def dub(self, source: Path, out: Path, choice: Choice) -> str:
        """Start a dub and return the job's id. Finished work of an earlier dub is reused."""

    def work(self, job: str) -> JobStatus:
        """Return the state of a job."""

    def stop(self, job: str) -> None:
        """Cancel a job; it may already have ended."""

    def delivery(self, project: Path) -> Timeline:
        """Return the timeline of a project."""

    def edit(self, project: Path, timeline: Timeline, name: str) -> EditReview:
        """Compare an edited timeline, read from the file `name`, with the project."""

    def conform(self, project: Path, edit: EditReview) -> str:
        """Start the job that applies the edit to the project, and return the job's id."""


def dub_timeline(session: Session, desk: HostBackend) -> Talk:
    """Dub the open timeline: add Rythmo's tracks to a copy of it, or to the timeline itself."""
    landed = reports.read_content((yield (LOOK,)))
    _refuse_dubbed(landed)
    session.folder = folder = desk.folder(session)
    yield from _ask_choice(session, desk)
    desk.claim(session)
    source = yield from _export_timeline(session, folder)
    _stop_if_asked(session)
    session.job = desk.dub(source, source.parent, session.choice)
    project = yield from _wait_for_job(session, desk, "Dubbing")
    files = write_host_files(desk.delivery(project), session.hello.timeline, project)
    others = read_timeline(source)
    stale_clips.save_placements(files)
    yield from placement.place_dub(session, files, others, landed)


def conform_timeline(session: Session, desk: HostBackend) -> Talk:
    """Conform the project to the open timeline, which holds an edited dub."""
    landed = reports.read_content((yield (LOOK,)))
    session.project = project = _find_project(landed)
    edited = yield from _export_timeline(session, project / "edited")
    before = write_host_files(desk.delivery(project), session.hello.timeline, project)
    again = stale_clips.find_stale_clips(before, landed)
    timeline = read_timeline(edited)
    if again:
        timeline = stale_clips.replace_stale_clips(timeline, again, before)
    edit = desk.edit(project, timeline, edited.name)
    session.rows = [*edit.rows, *(_row(each, session) for each in again)]
    for note in edit.notes:
        session.note(note)
    changed = edit.changed | {each.line for each in again} - edit.left
    if not changed and not edit.applies:
        kept = f" {format_count(len(edit.left), 'line')} with a conflict left unchanged." if edit.left else ""
        yield session.end(State.DONE, f"Nothing to conform.{kept}")
        return
    session.tell(
        State.DECIDING, f"{format_count(len(changed | edit.sounding), 'line')} changed since the dub."
    )
    yield from _wait_for_button(session, ask=session.hello.wants.get("apply") != "1")
    if edit.applies:
        session.job = desk.conform(project, edit)
        yield from _wait_for_job(session, desk, "Bringing in line")
    files = write_host_files(desk.delivery(project), session.hello.timeline, project)
    stale_clips.save_placements(files)
    touched = changed | find_changed_lines(before.layout, files.layout) - edit.left
    yield from placement.place_changes(session, files, landed, touched)


def _row(each: StaleClip, session: Session) -> Row:
    host = session.hello.timeline
    where = format_timecode(max(0, each.there.start), host.rate, drop=host.drop)
    return Row("another take", where, each.line, "changed on the page after it was placed")


def find_changed_lines(before: Layout, after: Layout) -> frozenset[str]:
    """Return the lines whose clips differ. A line that moved can change how its neighbours fit."""
    old, new = (
        {(c.line, c.file.name, c.start, c.length) for c in each.clips() if c.line} for each in (before, after)
    )
    return frozenset(line for line, *_ in old ^ new)


def _ask_choice(session: Session, desk: HostBackend) -> Talk:
    """Take the choice from the script, from last time if the user asked for that, or from the page."""
    wants, last = session.hello.wants, desk.last_choice()
    session.choice = Choice(
        wants.get("language", last.language),
        wants.get("source_language", last.source_language),
        wants.get("mode", "duplicate" if last.duplicate else "add") == "duplicate",
        last.at_once,
    )
    ready = bool(wants.get("language")) or (last.at_once and bool(last.language))
    session.tell(State.CHOOSING, "Choose the language.")
    yield from _wait_for_button(session, ask=not ready)
    desk.remember(session.choice)


def _wait_for_button(session: Session, *, ask: bool) -> Talk:
    session.chosen = not ask
    if ask:
        yield (step("page"), step("say", f"{session.message} Use Rythmo's page in the browser."))
    while not session.chosen:
        _stop_if_asked(session)
        yield (step("wait", _POLL_SECONDS),)


def _stop_if_asked(session: Session) -> None:
    if session.stopped:
        raise CancelledError(_STOPPED)


def _export_timeline(session: Session, folder: Path) -> Generator[tuple[Step, ...], tuple[Step, ...], Path]:
    """Have the host export its timeline as OpenTimelineIO or, failing that, as FCP7 XML."""
    session.tell(State.EXPORTING, "Reading the timeline.")
    stem = file_stem(session.hello.timeline.name)
    trouble = "the host wrote no file."
    # A project belongs to the file it was made from, so each form has a folder of its own.
    for form, path in (("otio", folder / f"{stem}.otio"), ("fcp7", folder / "xml" / f"{stem}.xml")):
        path.parent.mkdir(parents=True, exist_ok=True)
        # A file of an earlier export must not pass for this one.
        path.unlink(missing_ok=True)
        yield (step("use"), step("export", form, str(path)))
        if not path.is_file():
            continue
        try:
            read_timeline(path)
        except TimelineError as error:
            trouble = error.message
            continue
        return path
    raise TimelineError(
        f"The timeline {session.hello.timeline.name!r} could not be exported: {trouble}",
        hint="Try File > Export > Timeline in the host. If a message box is open there, close it first.",
    )


def file_stem(name: str) -> str:
    """Turn a timeline's name into one that is valid for a file and a project."""
    kept = "".join("_" if c in '<>:"/\\|?*' or ord(c) < 32 else c for c in name).strip(" .")
    return kept[:_NAME_LENGTH].strip(" .") or "timeline"


def _wait_for_job(
    session: Session, desk: HostBackend, doing: str
) -> Generator[tuple[Step, ...], tuple[Step, ...], Path]:
    """Wait for the job, show its progress, and return the project's folder."""
    session.tell(State.WORKING, f"{doing}.")
    yield (step("page"), step("say", f"{doing}. Rythmo's page shows the progress."))
    while True:
        if session.stopped:
            desk.stop(session.job)
        work = desk.work(session.job)
        session.tell(State.WORKING, work.text or f"{doing}.", work.fraction)
        if work.state == "done" and work.project is not None:
            session.project = work.project
            for note in work.notes:
                session.note(note)
            return work.project
        if work.state == "cancelled":
            raise CancelledError(f"{_STOPPED} Finished work is kept for the next run.")
        if work.state == "failed":
            message, hint = work.error or (f"{doing} failed.", "Run it again.")
            raise InputError(message, hint=hint)
        yield (step("wait", _POLL_SECONDS),)


def _refuse_dubbed(landed: HostContent) -> None:
    if any(_project_root(clip.path) for clip in landed.clips("audio")):
        raise InputError(
            "This timeline already holds a dub.",
            hint="After an edit run Rythmo - Conform; for another language open the original timeline.",
        )


def _find_project(landed: HostContent) -> Path:
    """Return the project whose files play on the timeline. Of several, the one with the most clips wins."""
    roots = [root for clip in landed.clips("audio") if (root := _project_root(clip.path))]
    there = [root for root in roots if root.is_dir()]
    if not there:
        where = f" Its project {make_printable(roots[0])} does not exist." if roots else ""
        raise InputError(
            f"This timeline holds no dub made by Rythmo.{where}",
            hint="Open the timeline that Rythmo made, with its media online.",
        )
    return max(sorted(set(there)), key=there.count)


def _project_root(path: str) -> Path | None:
    """Return the folder of the dubbed language that contains a host's WAV file, or None for another file."""
    file = Path(path)
    if file.parent.name != "media" or file.parent.parent.name != "host":
        return None
    return next((parent for parent in file.parents if find_home(parent).suffix == SUFFIX), None)
