"""Keep conform plans between showing and applying them. They are not stored: making one takes a second."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Collection

from rythmo.errors import TimelineError
from rythmo.project.workspace import Project
from rythmo.script.model import Script
from rythmo_bridge.conform.review import Edit, Review, decide_script, review
from rythmo_bridge.conform.rows import plan_rows, question_rows
from rythmo_plugin.service import schema
from rythmo_plugin.service.api_errors import not_found

_KEPT = 20


class ConformPlans:
    """The latest conform plans by id. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plans: OrderedDict[str, tuple[str, Review]] = OrderedDict()

    def make(
        self,
        project_id: str,
        project: Project,
        edit: Edit,
        *,
        partial: bool = False,
        accept_missing: bool = False,
    ) -> schema.ConformPlan:
        """Compare a project with an edited timeline; see `review`. Raises ScriptError, TimelineError."""
        found = review(project, edit, partial=partial, accept_missing=accept_missing)
        plan = secrets.token_hex(8)
        with self._lock:
            self._plans[plan] = (project_id, found)
            while len(self._plans) > _KEPT:
                self._plans.popitem(last=False)
        return schema.ConformPlan(
            id=plan,
            rows=plan_rows(found),
            counts=found.counts,
            conflicts=len(found.plan.conflicts),
            applies=found.plan.applies,
            notes=list(found.notes),
            questions=question_rows(found),
        )

    def script(self, project_id: str, plan: str, script: Script, accept: Collection[str]) -> Script:
        """Return the script with the plan applied. Lines with a conflict are left unchanged.

        Raises ApiError (404) for an unknown plan. Raises TimelineError when the script has changed since the
        plan was made, when there is nothing to do, or when `accept` lacks the code of an open question.
        """
        with self._lock:
            known, found = self._plans.get(plan, ("", None))
        if found is None or known != project_id:
            raise not_found("plan", plan)
        wanted = decide_script(found, script, keep_conflicts=True, accept=accept)
        if wanted is None:
            raise TimelineError(
                "There is nothing to apply.", hint="The timeline has not changed since the delivery."
            )
        return wanted
