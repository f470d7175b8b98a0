"""The conversations of the two menu entries: dub this timeline, and bring the dub in line with the edit.

Each is a generator: it yields steps for the script and is sent the script's reports. What takes long goes on
in a job of the service; the script is told to wait and asks again.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rythmo.errors import CancelledError, InputError, TimelineError
from rythmo.files import shown
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
_STOPPED = "Stopped. The timeline is as it was."


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job of the service as it stands. `project` is known when it is done."""

    state: str
    fraction: float
    text: str = ""
    project: Path | None = None
    error: tuple[str, str] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EditReview:
    """What an edit of the timeline means: the rows and notes to show, the lines whose clips change, those
    left as they are. Of `sounding` lines only the level changed: their clips on the timeline are right as
    they are. `accept` are the questions that are answered by pressing the button."""

    id: str
    rows: tuple[Row, ...]
    changed: frozenset[str]
    left: frozenset[str]
    sounding: frozenset[str] = frozenset()
    applies: bool = False
    notes: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()


class HostBackend(Protocol):
    """What a conversation needs of the service."""

    def folder(self, session: Session) -> Path:
        """The folder for this timeline's project, and for no other timeline's."""

    def claim(self, session: Session) -> None:
        """Make that folder, and keep it for this timeline."""

    def last_choice(self) -> Choice:
        """What was chosen last time."""

    def remember(self, choice: Choice) -> None:
        """Keep it for the next time."""

    def dub(self, source: Path, out: Path, choice: Choice) -> str:
        """Start a dub; gives the job's id. What an earlier one made is found again."""

    def work(self, job: str) -> JobStatus:
        """How far a job is."""

    def stop(self, job: str) -> None:
        """Ask a job to end; it may be over by then."""

    def delivery(self, project: Path) -> Timeline:
        """The timeline of a project."""

    def edit(self, project: Path, timeline: Timeline, name: str) -> EditReview:
        """Compare an edited timeline with the project; `name` is that of its file."""

    def conform(self, project: Path, edit: EditReview) -> str:
        """Start bringing the project in line; gives the job's id."""


def dub_timeline(session: Session, desk: HostBackend) -> Talk:
    """The timeline that is open, dubbed: as a copy with our tracks, or with our tracks added."""
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
    """The timeline that is open and holds a dub: the dub follows what was edited."""
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
        kept = f" To be settled in the timeline first: {_format_lines(len(edit.left))}." if edit.left else ""
        yield session.end(State.DONE, f"Nothing to bring in line.{kept}")
        return
    session.tell(State.DECIDING, f"{_format_lines(len(changed | edit.sounding))} changed since the dub.")
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


def _format_lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"


def find_changed_lines(before: Layout, after: Layout) -> frozenset[str]:
    """The lines whose clips are others than before: a neighbour that moved may change how a line fits."""
    old, new = (
        {(c.line, c.file.name, c.start, c.length) for c in each.clips() if c.line} for each in (before, after)
    )
    return frozenset(line for line, *_ in old ^ new)


def _ask_choice(session: Session, desk: HostBackend) -> Talk:
    """The choice: the script's own, last time's where the person said so, else the page's."""
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
        yield (step("page"), step("say", f"{session.message} Rythmo's page in the browser asks."))
    while not session.chosen:
        _stop_if_asked(session)
        yield (step("wait", _POLL_SECONDS),)


def _stop_if_asked(session: Session) -> None:
    if session.stopped:
        raise CancelledError(_STOPPED)


def _export_timeline(session: Session, folder: Path) -> Generator[tuple[Step, ...], tuple[Step, ...], Path]:
    """The timeline as a file that can be read: OpenTimelineIO, else FCP7 XML."""
    session.tell(State.EXPORTING, "Reading the timeline.")
    stem = file_stem(session.hello.timeline.name)
    trouble = "the host wrote no file."
    # A project belongs to the file it was made from, so each form has a folder of its own.
    for form, path in (("otio", folder / f"{stem}.otio"), ("fcp7", folder / "xml" / f"{stem}.xml")):
        path.parent.mkdir(parents=True, exist_ok=True)
        # What an earlier export left must not be taken for this one.
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
    """A timeline's name as the name of a file and a project."""
    kept = "".join("_" if c in '<>:"/\\|?*' or ord(c) < 32 else c for c in name).strip(" .")
    return kept[:_NAME_LENGTH].strip(" .") or "timeline"


def _wait_for_job(
    session: Session, desk: HostBackend, doing: str
) -> Generator[tuple[Step, ...], tuple[Step, ...], Path]:
    """Wait for the job; the page and the script's console see how far it is."""
    session.tell(State.WORKING, f"{doing}.")
    yield (step("page"), step("say", f"{doing}. Rythmo's page shows how far it is."))
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
            raise CancelledError(f"{_STOPPED} What was made is kept for the next time.")
        if work.state == "failed":
            message, hint = work.error or (f"{doing} failed.", "Run it again.")
            raise InputError(message, hint=hint)
        yield (step("wait", _POLL_SECONDS),)


def _refuse_dubbed(landed: HostContent) -> None:
    if any(_project_root(clip.path) for clip in landed.clips("audio")):
        raise InputError(
            "This timeline holds a dub already.",
            hint="After edits run Rythmo - Conform; for another language open the original timeline.",
        )


def _find_project(landed: HostContent) -> Path:
    """The project whose files play on the timeline; the one with most, where there are several."""
    roots = [root for clip in landed.clips("audio") if (root := _project_root(clip.path))]
    there = [root for root in roots if root.is_dir()]
    if not there:
        where = f" Its project {shown(roots[0])} is not there." if roots else ""
        raise InputError(
            f"No dub of Rythmo's was found on this timeline.{where}",
            hint="Open the timeline that Rythmo made, with its media online.",
        )
    return max(sorted(set(there)), key=there.count)


def _project_root(path: str) -> Path | None:
    """The .rythmo folder that a host file lies in."""
    file = Path(path)
    if file.parent.name != "media" or file.parent.parent.name != "host":
        return None
    return next((parent for parent in file.parents if parent.suffix == ".rythmo"), None)
