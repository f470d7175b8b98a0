"""Plans between showing and applying: by project, and not for ever."""

from __future__ import annotations

import pytest

from rythmo_plugin.service.api_errors import ApiError
from rythmo_plugin.service.kept_plans import KeptPlans


def test_a_plan_is_found_by_its_id_in_its_own_project():
    plans = KeptPlans[str]("import")
    one, other = plans.keep("p1", "first"), plans.keep("p2", "second")
    assert (plans.find("p1", one), plans.find("p2", other)) == ("first", "second")
    for project, name in (("p2", one), ("p1", other), ("p1", "0")):
        with pytest.raises(ApiError, match="import"):
            plans.find(project, name)


def test_the_oldest_go():
    plans = KeptPlans[int]("plan")
    names = [plans.keep("p", number) for number in range(25)]
    assert [plans.find("p", name) for name in names[-20:]] == list(range(5, 25))
    for name in names[:5]:
        with pytest.raises(ApiError):
            plans.find("p", name)
