"""Change a project by hand: make what the edit changed, and keep the edit so that it can be undone.

The history is the one that the service uses (`project.history`): what is changed here can be undone on the
page, and the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

from rythmo.dubbing import pipeline
from rythmo.dubbing.job import Result
from rythmo.engines.base import EngineSpec, Kind
from rythmo.errors import ScriptError
from rythmo.files import make_printable
from rythmo.progress import NEVER, CancelToken, Report, ignore_progress
from rythmo.project import rollback
from rythmo.project.history import History, Step
from rythmo.project.workspace import Project
from rythmo.script.edit_marks import drop_names
from rythmo.script.model import Line, Script
from rythmo.script.voice_edits import VOICE
from rythmo.settings import Settings

Change = Callable[[Script], Script]


@dataclass(frozen=True, slots=True)
class EditedProject:
    """The project after an edit: what was made, the script before, and which edit was undone, in words."""

    result: Result
    before: Script
    what: str = ""


def edit_project(
    project: Project,
    change: Change,
    settings: Settings,
    *,
    what: str,
    kept: int | None = None,
    engines: Mapping[Kind, EngineSpec] = pipeline.NO_ENGINES,
    report: Report = ignore_progress,
    cancel: CancelToken = NEVER,
) -> EditedProject:
    """Apply a change; voice, mix and deliver what it concerns; and keep it in the history as `what`.

    A change after which nothing sounds otherwise (a lock, a comment) is only saved. Without any change
    nothing happens. `kept` is the number of the state that a conform was kept by.

    Raises what `change` raises, OutputError, and what engines raise: then the project is as it was.
    """
    with pipeline.reopening(
        project, project.load(), settings, engines=engines, report=report, cancel=cancel
    ) as context:
        before = project.load()
        after = change(before)
        if after == before:
            return EditedProject(Result(project, before, ()), before)
        history, revision = _open_history(project)
        history.push(before, after, revision, what=what, kept=kept)
        with ExitStack() as failed:
            failed.callback(history.take_back)
            if sounds_same(before, after):
                result = Result(project, after, ())
            else:
                result = pipeline.finish(after, pipeline.material(after, context), context)
                history.extend(after, result.script)
            project.save(result.script)
            failed.pop_all()
        history.keep(made=revision)
        return EditedProject(result, before, what)


def undo_edit(
    project: Project,
    settings: Settings,
    *,
    redo: bool = False,
    engines: Mapping[Kind, EngineSpec] = pipeline.NO_ENGINES,
    report: Report = ignore_progress,
    cancel: CancelToken = NEVER,
) -> EditedProject:
    """Undo the last edit, or with `redo` do the last undone one again, and bring stems and deliveries back.

    A conform that nothing came after is undone file by file. Raises ScriptError for nothing to undo,
    OutputError, and what engines raise: then the project is as it was.
    """
    with pipeline.reopening(
        project, project.load(), settings, engines=engines, report=report, cancel=cancel
    ) as context:
        script = project.load()
        history, revision = _open_history(project)
        step = history.find_step(script, redo=redo)
        if step is None:
            what = "redo" if redo else "undo"
            raise ScriptError(
                f"{make_printable(project.root)} has nothing to {what}.",
                hint="Edits of lines and speakers, imports and conforms can be undone.",
            )
        if restore_kept_files(project, step):
            restored = project.load()
            result = Result(project, restored, ())
        elif sounds_same(script, step.script):
            result = Result(project, step.script, ())
        else:
            result = pipeline.finish(step.script, pipeline.material(step.script, context), context)
        history.take_step(replace(step, script=result.script), script, revision)
        project.save(result.script)
        history.keep(made=revision)
        return EditedProject(result, script, step.what)


def undo_conform(project: Project) -> Script:
    """Undo the last conform, if no edit came after it, and return the script.

    Raises ScriptError when there is none or the project was changed after it, and OutputError.
    """
    with project.hold_lock():
        script = project.load()
        history, revision = _open_history(project)
        rollback.restore_state(project)
        restored = project.load()
        step = history.find_step(script)
        if step is not None and (step.kept is not None or step.script == restored):
            history.take_step(replace(step, script=restored), script, revision)
        history.keep(made=revision, revision=revision)
        return restored


def restore_kept_files(project: Project, step: Step) -> bool:
    """Undo a conform file by file, if the step is one and nothing came after it. Raises OutputError.

    Else the state that was kept for it is of no more use, and is forgotten.
    """
    if step.kept is None:
        return False
    states = rollback.list_kept_states(project)
    if states and states[0].number == step.kept and rollback.can_restore(project):
        rollback.restore_state(project)
        return True
    rollback.forget_state(project, step.kept)
    return False


def sounds_same(before: Script, after: Script) -> bool:
    """Whether two scripts differ only in what is said about lines, so that nothing has to be made again."""
    return _strip_script(before) == _strip_script(after)


def _strip_script(script: Script) -> Script:
    # Who locks or confirms a voice changes nothing of it.
    people = (
        replace(one, voice_locked=False, edited=drop_names(one.edited, VOICE) if one.voice else one.edited)
        for one in script.speakers
    )
    return replace(script.map_lines(_strip_remarks), speakers=tuple(people))


def _strip_remarks(line: Line) -> Line:
    # Who confirms the words that a line has changes nothing of them.
    edited = drop_names(line.edited, "translation") if line.translation else line.edited
    return replace(line, locked=False, review=None, comments=(), edited=edited)


def _open_history(project: Project) -> tuple[History, int]:
    """The project's history, and the revision that the next edit makes."""
    history = History(project.root / "project.db")
    return history, history.facts().get("revision", 1) + 1
