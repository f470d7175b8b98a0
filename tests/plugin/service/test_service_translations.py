"""Translators' work over the API: tables, states, comments, and undo."""

from __future__ import annotations

import io

import openpyxl
import pytest


def fetch(service, project, form):
    status, headers, data = service.raw(
        "GET",
        f"/api/v1/projects/{project['id']}/translation/table/{form}",
        headers={"Authorization": f"Bearer {service.token}"},
    )
    assert status == 200, data
    return headers, data


def send(service, data, name):
    status, _, found = service.raw(
        "POST",
        f"/api/v1/uploads?name={name}",
        data,
        {"Authorization": f"Bearer {service.token}", "Content-Type": "application/octet-stream"},
    )
    assert status < 400, found
    return __import__("json").loads(found)["id"]


def lines_of(service, project):
    return service.call("GET", f"/projects/{project['id']}")["lines"]


@pytest.fixture
def at(project):
    return f"/projects/{project['id']}"


def test_a_table_goes_out_and_comes_back(service, project, at):
    headers, data = fetch(service, project, "xlsx")
    assert headers["Content-Type"].startswith("application/vnd.openxmlformats")
    book = openpyxl.load_workbook(io.BytesIO(data))
    page = book.worksheets[0]
    heads = {str(cell.value).split(" (")[0]: cell.column for cell in page[1]}
    lines = lines_of(service, project)
    assert [page.cell(row, 1).value for row in range(2, page.max_row + 1)] == [line["id"] for line in lines]
    page.cell(2, heads["Translation"]).value = "b9"
    page.cell(2, heads["State"]).value = "reviewed"
    page.cell(3, heads["Comments"]).value = "Who is this?"
    page.cell(4, heads["Translation"]).value = "=1+1"
    page.cell(5, heads["Original"]).value = page.cell(5, heads["Original"]).value + "x"
    out = io.BytesIO()
    book.save(out)
    plan = service.call(
        "POST", f"{at}/translation/imports", {"upload": send(service, out.getvalue(), "back.xlsx")}
    )
    rows = {row["rows"][0]: row for row in plan["rows"]}
    assert sorted(rows) == [2, 3, 4, 5]
    assert (rows[4]["code"], rows[4]["offers_words"]) == ("formula", False)
    assert rows[5]["correction"]
    assert lines_of(service, project) == lines, "nothing is taken by looking"

    asked = {"words": [rows[2]["id"]], "extras": [rows[2]["id"], rows[3]["id"]], "author": "Ana"}
    done = service.call("POST", f"{at}/translation/imports/{plan['id']}/take", asked)
    assert {line["id"] for line in done["lines"]} == {lines[0]["id"], lines[1]["id"]}
    service.quiet(project["id"])
    now = lines_of(service, project)
    assert (now[0]["translation"], now[0]["review"]) == ("b9", "reviewed")
    assert len(now[0]["takes"]) == len(lines[0]["takes"]) + 1, "it was voiced"
    assert [len(line["takes"]) for line in now[1:]] == [len(line["takes"]) for line in lines[1:]]
    assert [(c["author"], c["text"]) for c in now[1]["comments"]] == [("Ana", "Who is this?")]
    # One step back undoes all of it; the same plan is stale by then no more than the script is.
    service.call("POST", f"{at}/undo")
    back = lines_of(service, project)
    assert (back[0]["translation"], back[1]["comments"]) == (lines[0]["translation"], [])
    service.quiet(project["id"])


def test_a_plan_that_is_stale_or_unknown_takes_nothing(service, project, at):
    _, data = fetch(service, project, "csv")
    text = data.decode("utf-8-sig")
    line = lines_of(service, project)[0]
    changed = text.replace(line["translation"], "b8", 1).encode("utf-8-sig")
    plan = service.call("POST", f"{at}/translation/imports", {"upload": send(service, changed, "t.csv")})
    service.call("PATCH", f"{at}/lines/{line['id']}", {"translation": "b7", "voice": False})
    asked = {"words": [row["id"] for row in plan["rows"]]}
    status, found = service.ask("POST", f"{at}/translation/imports/{plan['id']}/take", asked)
    assert status == 422 and "changed" in found["error"]["message"]
    assert service.ask("POST", f"{at}/translation/imports/{'0' * 16}/take", asked)[0] == 404
    assert service.ask("GET", f"{at}/translation/table/pdf")[0] == 404
    service.quiet(project["id"])


def test_a_table_without_known_heads_asks_what_its_columns_are(service, project, at):
    lines = lines_of(service, project)
    data = "\n".join(f"{line['id']};x;c{n}" for n, line in enumerate(lines)).encode()
    upload = send(service, data, "t.csv")
    plan = service.call("POST", f"{at}/translation/imports", {"upload": upload})
    assert plan["unknown"] and plan["head"][0][0] == lines[0]["id"]
    columns = {"id": "1", "target": "3"}
    plan = service.call("POST", f"{at}/translation/imports", {"upload": upload, "columns": columns})
    assert [row["new_target"] for row in plan["rows"]] == [f"c{n}" for n in range(len(lines))]


def test_states_and_comments_make_no_job_and_can_be_undone(service, project, at):
    line = lines_of(service, project)[0]
    jobs = service.call("GET", "/jobs")
    done = service.call("POST", f"{at}/states", {"lines": [line["id"]], "state": "approved"})
    assert done["lines"][0]["review"] == "approved"
    done = service.call("POST", f"{at}/lines/{line['id']}/comments", {"text": "Look", "author": "Böb"})
    (comment,) = done["lines"][0]["comments"]
    assert (comment["author"], comment["text"], comment["resolved"]) == ("Böb", "Look", False)
    path = f"{at}/lines/{line['id']}/comments/{comment['id']}"
    assert service.call("PATCH", path, {"resolved": True})["lines"][0]["comments"][0]["resolved"]
    assert service.call("DELETE", path)["lines"][0]["comments"] == []
    assert service.ask("DELETE", path)[0] == 422
    assert service.call("GET", "/jobs") == jobs
    assert not service.call("GET", at)["stale"]
    edited = service.call("PATCH", f"{at}/lines/{line['id']}", {"translation": "b6"})
    assert edited["line"]["review"] == "translated"
    service.quiet(project["id"])
