"""What axe finds wrong with the page that a window shows."""

from __future__ import annotations

from typing import Any

from page_under_test import WEB

AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"


def find_violations(page: Any) -> list[str]:
    """Return the violations in words; axe must be loaded into the page first."""
    return [_tell(one) for one in page.evaluate("() => axe.run()")["violations"]]


def _tell(violation: dict[str, Any]) -> str:
    places = [f"{node['target']} {node['failureSummary']}" for node in violation["nodes"][:3]]
    return f"{violation['impact']} {violation['id']}: {violation['help']}: {places}"
