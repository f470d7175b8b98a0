"""Quality control asked for over the service: report, list and count agree on what it found."""

from __future__ import annotations


def test_a_measurement_flags_the_project_and_all_counts_agree(service, project):
    job = service.until(service.call("POST", "/jobs", {"kind": "qc", "project": project["id"]})["id"])
    assert job["state"] == "done"
    measured = service.call("GET", f"/projects/{project['id']}/qc")
    after = service.call("GET", f"/projects/{project['id']}")
    assert after["stale"] == project["stale"]
    on_lines = [flag["severity"] for line in after["lines"] for flag in line["flags"]]
    elsewhere = [one["severity"] for one in measured["findings"] if one["line"] is None]
    for severity in ("error", "warning", "info"):
        assert after["flags"][severity] == (on_lines + elsewhere).count(severity)
    flagged = {line["id"] for line in after["lines"] if line["flags"]}
    assert {one["line"] for one in measured["findings"]} - {None} <= flagged
