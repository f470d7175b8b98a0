"""Keep conform plans between showing and applying them. They are not stored: making one takes a second."""

from __future__ import annotations

from collections.abc import Collection

from rythmo.errors import TimelineError
from rythmo.project.workspace import Project
from rythmo.script.model import Script
from rythmo_bridge.conform.review import Edit, Review, decide_script, review
from rythmo_bridge.conform.rows import plan_rows, question_rows
from rythmo_plugin.service import schema
from rythmo_plugin.service.kept_plans import KeptPlans


class ConformPlans:
    """The latest conform plans by id."""

    def __init__(self) -> None:
        self._plans = KeptPlans[Review]("plan")

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
        return schema.ConformPlan(
            id=self._plans.keep(project_id, found),
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
        found = self._plans.find(project_id, plan)
        wanted = decide_script(found, script, keep_conflicts=True, accept=accept)
        if wanted is None:
            raise TimelineError(
                "There is nothing to apply.", hint="The timeline has not changed since the delivery."
            )
        return wanted
