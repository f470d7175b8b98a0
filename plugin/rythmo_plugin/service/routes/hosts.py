"""Routes of conversations with hosts: the line protocol for host scripts, JSON for the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
from flask import Blueprint, Response, request, send_from_directory

from rythmo.timebase import format_timecode
from rythmo_plugin.hosts import reports
from rythmo_plugin.hosts.line_protocol import MAX_BYTES, Step, decode, encode, step
from rythmo_plugin.hosts.session import Choice, Row, RunningSession, Session, State
from rythmo_plugin.service.api_errors import ApiError, not_found
from rythmo_plugin.service.host_backend import ServiceHostBackend
from rythmo_plugin.service.projects import project_id
from rythmo_plugin.service.routing import Call, Routes, bind
from rythmo_plugin.service.schema import Asked, Base, Language
from rythmo_plugin.service.services import Services

LINES = "text/plain; charset=utf-8"
_HOSTS = ("resolve", "premiere")
_PAGE = Path(__file__).resolve().parents[2] / "hosts" / "page"
ROUTES = Routes()


class HostChoice(Asked, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The user's choice for this timeline."""

    language: Language
    source_language: Language = ""
    duplicate: bool = True
    at_once: bool = False


class HostRow(Base, frozen=True, kw_only=True):
    """A row of a conform plan, or of the list of clips that are not in place."""

    what: str
    where: str
    line: str
    note: str
    conflict: bool


class HostSession(Base, frozen=True, kw_only=True):
    """A conversation with a host, as the page shows it. `timecode` is the timeline's first frame."""

    id: str
    host: str
    version: str
    action: str
    timeline: str
    timecode: str
    state: State
    fraction: float
    message: str
    hint: str
    choice: Choice
    rows: list[HostRow]
    notes: list[str]
    placed: int
    wanted: int
    project: str | None
    job: str | None
    folder: str


class HostSessions(Base, frozen=True, kw_only=True):
    """All known conversations, newest first."""

    sessions: list[HostSession]


@ROUTES.add(
    "POST", "/hosts/{host}/sessions", "Begin a conversation with a host's script", raw=LINES, takes=LINES
)
def begin_session(services: Services, call: Call) -> Response:
    """Begin a session from the host's hello, and return its id and the first steps."""
    kind = call.id("host")
    if kind not in _HOSTS:
        raise not_found("host", kind)
    running = services.hosts.begin(kind, reports.read_hello(_read_lines()), ServiceHostBackend(services))
    return _answer_steps(services, running, 0, (), first=True)


@ROUTES.add(
    "POST", "/hosts/sessions/{session}/turns/{turn}", "Report and get the next steps", raw=LINES, takes=LINES
)
def take_turn(services: Services, call: Call) -> Response:
    """Take the script's reports, and return its next steps."""
    if not call.id("turn").isdecimal():
        raise not_found("turn", call.id("turn"))
    return _answer_steps(services, _find_session(services, call), int(call.id("turn")), _read_lines())


@ROUTES.add("GET", "/hosts/sessions", "All conversations with hosts", gives=HostSessions)
def list_sessions(services: Services, _call: Call) -> HostSessions:
    """Return all sessions, newest first."""
    return HostSessions(sessions=[_view_session(one) for one in services.hosts.all()])


@ROUTES.add("GET", "/hosts/sessions/{session}", "One conversation", gives=HostSession)
def get_session(services: Services, call: Call) -> HostSession:
    """Return one session."""
    return _view_session(_find_session(services, call).session)


@ROUTES.add(
    "POST", "/hosts/sessions/{session}/choice", "Choose and begin", gives=HostSession, body=HostChoice
)
def choose(services: Services, call: Call) -> HostSession:
    """Take the user's choice of language and place, and begin."""
    session = _find_session(services, call).session
    if session.state is not State.CHOOSING:
        raise ApiError(409, "state", "The choice has been made already.", hint="Run the script again.")
    session.choice = Choice(
        call.body.language, call.body.source_language, call.body.duplicate, call.body.at_once
    )
    session.chosen = True
    return _view_session(session)


@ROUTES.add("POST", "/hosts/sessions/{session}/apply", "Agree to the conform plan", gives=HostSession)
def apply(services: Services, call: Call) -> HostSession:
    """Apply the plan that the user has read."""
    session = _find_session(services, call).session
    if session.state is not State.DECIDING:
        raise ApiError(409, "state", "There is no plan to apply.", hint="Run Rythmo - Conform again.")
    session.chosen = True
    return _view_session(session)


@ROUTES.add("POST", "/hosts/sessions/{session}/stop", "End a conversation", gives=HostSession)
def stop(services: Services, call: Call) -> HostSession:
    """Stop a session before anything is placed. Its job is cancelled at the script's next turn."""
    session = _find_session(services, call).session
    session.stopped = True
    return _view_session(session)


def blueprint(services: Services) -> Blueprint:
    """Make the Flask routes below /api/v1/hosts, and the page at /host/."""
    hosts = Blueprint("hosts", __name__)
    for operation in ROUTES.operations:
        bind(hosts, replace(operation, path=operation.path.removeprefix("/hosts")), services)
    hosts.record(lambda state: state.app.register_blueprint(_page()))
    return hosts


def _page() -> Blueprint:
    """Make the routes of a conversation's page, which fetches its data with the token."""
    page = Blueprint("host_page", __name__)

    @page.get("/host/")
    def index() -> Response:
        return send_from_directory(_PAGE, "index.html")

    @page.get("/host/<string:name>")
    def part(name: str) -> Response:
        return send_from_directory(_PAGE, name)

    return page


def _read_lines() -> tuple[Step, ...]:
    if (request.content_length or 0) > MAX_BYTES:
        raise ApiError(413, "too-large", "The report is too large.")
    return decode(request.get_data(cache=False))


def _find_session(services: Services, call: Call) -> RunningSession:
    found = services.hosts.get(call.id("session"))
    if found is None:
        raise not_found("session", call.id("session"))
    return found


def _answer_steps(
    services: Services,
    running: RunningSession,
    number: int,
    reports: tuple[Step, ...],
    *,
    first: bool = False,
) -> Response:
    steps = running.next(number, reports)
    session = running.session
    if session.kind == "resolve":
        # The service opens the page: a script inside Resolve would need another way on each system.
        if any(each.verb == "page" for each in steps) and not session.shown:
            session.shown = True
            ServiceHostBackend(services).show(session)
        steps = tuple(each for each in steps if each.verb != "page")
    named = (step("session", session.id), *steps) if first else steps
    return Response(encode(named), content_type=LINES)


def _view_session(session: Session) -> HostSession:
    hello = session.hello
    line = hello.timeline
    return HostSession(
        id=session.id,
        host=hello.host,
        version=hello.version,
        action=hello.action,
        timeline=line.name,
        timecode=format_timecode(line.start_frame, line.rate, drop=line.drop),
        state=session.state,
        fraction=round(session.fraction, 4),
        message=session.message,
        hint=session.hint,
        choice=session.choice,
        rows=[_row(row) for row in session.rows],
        notes=list(session.notes),
        placed=session.placed,
        wanted=session.wanted,
        project=project_id(session.project.resolve()) if session.project else None,
        job=session.job or None,
        folder=str(session.folder or ""),
    )


def _row(row: Row) -> HostRow:
    return msgspec.convert(row, HostRow, from_attributes=True)
