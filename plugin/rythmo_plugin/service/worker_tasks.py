"""The tasks of a worker, one function for each craft: it takes an order and returns the result as data."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rythmo import settings_file
from rythmo.dubbing import costs, pipeline
from rythmo.dubbing.edit_session import Session
from rythmo.dubbing.job import Job
from rythmo.dubbing.preparation import prepare
from rythmo.engines.base import EngineSpec, Kind
from rythmo.errors import UsageError
from rythmo.models.catalog import catalog
from rythmo.models.install import install_models
from rythmo.models.recommend import choose_models, look_at_machine
from rythmo.progress import CancelToken, Report
from rythmo.project.workspace import Project, hash_values
from rythmo.script.model import Script
from rythmo.settings import Settings
from rythmo.stages.auditions import choose_line
from rythmo_plugin.hosts.protools.open_session import NewSession
from rythmo_plugin.hosts.protools.send import SendOptions, send_project
from rythmo_plugin.service.picture_proxy import make_proxy
from rythmo_plugin.service.worker_protocol import Order

Say = Callable[..., None]
_WARM = 2


@dataclass
class SessionCache:
    """The edit sessions of the last projects, kept between orders so that their engines stay warm."""

    engines: Mapping[Kind, EngineSpec]
    _sessions: dict[str, Session] = field(default_factory=dict)

    def session(self, project: Project, order: Order) -> Session:
        """Return the project's session, reusing a recent one with the same settings."""
        chosen = _settings(order, project)
        key = hash_values(str(project.root), chosen)
        session = self._sessions.pop(key, None) or Session(project, chosen, engines=self.engines)
        self._sessions[key] = session
        while len(self._sessions) > _WARM:
            self._sessions.pop(next(iter(self._sessions))).close()
        return session

    def close(self) -> None:
        """Close all sessions with their engines."""
        while self._sessions:
            self._sessions.popitem()[1].close()


def _settings(order: Order, project: Project | None = None) -> Settings:
    file = project.root / "settings.toml" if project else None
    return settings_file.resolve_settings(file=file, environment=os.environ, flags=order.flags)


def _script(order: Order) -> Script:
    if order.script is None:
        raise UsageError("The order lacks its script.")
    return order.script


def _dub(order: Order, bench: SessionCache, report: Report, cancel: CancelToken, say: Say) -> dict[str, Any]:
    job = Job(
        source=Path(order.source),
        target_language=order.target_language,
        source_language=order.source_language,
        out=Path(order.out),
        script=Path(order.script_file) if order.script_file else None,
        translation=Path(order.translation_file) if order.translation_file else None,
    )
    prepared = prepare(job, order.flags, os.environ)
    say(event="project", root=str(prepared.project.root))
    result = pipeline.dub_prepared(prepared, engines=bench.engines, report=report, cancel=cancel)
    return {
        "root": str(result.project.root),
        "deliveries": [str(path) for path in result.deliveries],
        "notes": list(result.notes),
        "cost": costs.so_far(result.cost),
    }


def _warm(order: Order, bench: SessionCache, report: Report, cancel: CancelToken, say: Say) -> dict[str, Any]:
    bench.session(Project(Path(order.project)), order).warm(_script(order), report=report, cancel=cancel)
    return {}


def _say(order: Order, bench: SessionCache, report: Report, cancel: CancelToken, say: Say) -> dict[str, Any]:
    session = bench.session(Project(Path(order.project)), order)
    made = session.say(_script(order), order.line, report=report, cancel=cancel)
    # Not the whole script: a film's is a megabyte, and the user is waiting for this take.
    return {"line": made.line(order.line), "speakers": made.speakers, "engines": made.engines}


def _remake(
    order: Order, bench: SessionCache, report: Report, cancel: CancelToken, say: Say
) -> dict[str, Any]:
    session = bench.session(Project(Path(order.project)), order)
    result = session.remake(_script(order), formats=order.formats, report=report, cancel=cancel)
    return {
        "script": result.script,
        "deliveries": [str(path) for path in result.deliveries],
        "notes": list(result.notes),
        "cost": costs.so_far(result.cost),
    }


def _language(
    order: Order, bench: SessionCache, report: Report, cancel: CancelToken, say: Say
) -> dict[str, Any]:
    session = bench.session(Project(Path(order.project)), order)
    result = session.dub_language(_script(order), report=report, cancel=cancel)
    return {
        "script": result.script,
        "deliveries": [str(path) for path in result.deliveries],
        "notes": list(result.notes),
        "cost": costs.so_far(result.cost),
    }


def _qc(order: Order, bench: SessionCache, report: Report, cancel: CancelToken, say: Say) -> dict[str, Any]:
    session = bench.session(Project(Path(order.project)), order)
    script, files = session.measure(_script(order), report=report, cancel=cancel)
    return {"script": script, "deliveries": [str(path) for path in files]}


def _faces(
    order: Order, bench: SessionCache, report: Report, cancel: CancelToken, say: Say
) -> dict[str, Any]:
    session = bench.session(Project(Path(order.project)), order)
    result = session.find_faces(_script(order), report=report, cancel=cancel)
    return {"script": result.script, "notes": list(result.notes)}


def _lips(order: Order, bench: SessionCache, report: Report, cancel: CancelToken, say: Say) -> dict[str, Any]:
    session = bench.session(Project(Path(order.project)), order)
    result = session.make_lips(_script(order), only=order.lines, report=report, cancel=cancel)
    return {
        "script": result.script,
        "deliveries": [str(path) for path in result.deliveries],
        "notes": list(result.notes),
        "cost": costs.so_far(result.cost),
    }


def _picture(
    order: Order, bench: SessionCache, report: Report, cancel: CancelToken, say: Say
) -> dict[str, Any]:
    made = make_proxy(Path(order.source), Project(Path(order.project)).home, report=report, cancel=cancel)
    return {"deliveries": [str(made)]}


def _models(
    order: Order, bench: SessionCache, report: Report, cancel: CancelToken, say: Say
) -> dict[str, Any]:
    table = catalog()
    models = table.expand(order.models, choose_models(look_at_machine(), table))
    install_models(models, report=report, cancel=cancel)
    return {}


def _audition(
    order: Order, bench: SessionCache, report: Report, cancel: CancelToken, say: Say
) -> dict[str, Any]:
    if order.voice is None:
        raise UsageError("The order lacks its voice.")
    session = bench.session(Project(Path(order.project)), order)
    made = session.audition(_script(order), order.line, order.voice, cancel=cancel)
    return {"file": str(made.file), "seconds": made.seconds, "line": made.line, "voice": made.voice}


def _propose(
    order: Order, bench: SessionCache, report: Report, cancel: CancelToken, say: Say
) -> dict[str, Any]:
    session = bench.session(Project(Path(order.project)), order)
    script = _script(order)
    line = choose_line(script, order.speaker).id
    return {"voices": session.propose(script, order.speaker, cancel=cancel), "line": line}


def _cast(order: Order, bench: SessionCache, report: Report, cancel: CancelToken, say: Say) -> dict[str, Any]:
    session = bench.session(Project(Path(order.project)), order)
    saved = session.save_cast(_script(order), Path(order.cast_file), cancel=cancel)
    return {"deliveries": [order.cast_file], "notes": list(saved.notes)}


def _send(order: Order, bench: SessionCache, report: Report, cancel: CancelToken, say: Say) -> dict[str, Any]:
    """Bring the mix up to date, and send the dub to Pro Tools."""
    asked = order.send
    if asked is None:
        raise UsageError("The order lacks what is to be sent.")
    project = Project(Path(order.project))
    made = bench.session(project, order).remake(_script(order), report=report, cancel=cancel)
    options = SendOptions(
        new=NewSession(asked.new, Path(asked.folder)) if asked.new else None,
        takes=asked.takes,
        mute=asked.mute,
        markers=asked.markers,
        port=asked.port,
    )
    sent = send_project(made.script, project.root, options, report=report, cancel=cancel)
    return {
        "script": made.script,
        "deliveries": [str(path) for path in made.deliveries],
        "notes": [*made.notes, *sent.notes],
        "cost": costs.so_far(made.cost),
        "sent": {
            "session": sent.session,
            "placed": sent.placed,
            "wanted": sent.wanted,
            "sentence": sent.sentence,
            "rows": [
                {"what": row.what, "where": row.where, "line": row.line, "note": row.note}
                for row in sent.rows
            ],
        },
    }


CRAFTS: Mapping[str, Callable[[Order, SessionCache, Report, CancelToken, Say], dict[str, Any]]] = {
    "warm": _warm,
    "dub": _dub,
    "say": _say,
    "remake": _remake,
    "language": _language,
    "qc": _qc,
    "picture": _picture,
    "models": _models,
    "audition": _audition,
    "propose": _propose,
    "cast": _cast,
    "send": _send,
    "faces": _faces,
    "lips": _lips,
}
