"""Every view of the page, each with the steps that open it: for the tests of access, and for
tools/review_page.py.

A view is a function `(stage, project, folder)`: `project` is a project as the service shows it, which no view
changes, and `folder` is a place for files that a view needs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from edited_timeline import moved
from page_under_test import Stage

View = Callable[[Stage, Any, Path], None]
_HALF = 0.5


def home(stage: Stage, project: Any, folder: Path) -> None:
    stage.open("/")
    stage.page.locator(".setup-line, .missing-line").first.wait_for()
    if project:
        stage.page.locator(".project-card").first.wait_for()


def setup(stage: Stage, project: Any, folder: Path) -> None:
    stage.open("/setup")
    stage.page.locator(".engine").first.wait_for()


def _open_all(stage: Stage) -> None:
    stage.page.evaluate("() => document.querySelectorAll('main details').forEach((one) => (one.open = true))")


def setup_open(stage: Stage, project: Any, folder: Path) -> None:
    setup(stage, project, folder)
    _open_all(stage)


def new(stage: Stage, project: Any, folder: Path) -> None:
    """A new dub before a file is chosen, with every part of the form open."""
    stage.open("/new/")
    # Those of the form itself; the formats bring one of their own, which comes when they have come.
    words = re.compile("^(Sound and subtitles|Engines|Deliver)")
    parts = stage.page.locator(".more > summary").filter(has_text=words)
    parts.nth(2).wait_for()
    for part in parts.all():
        part.click()
    stage.page.locator(".formats li").first.wait_for()


def new_chosen(stage: Stage, project: Any, folder: Path) -> None:
    """A new dub whose file and languages are chosen: time, money and engines stand beside them."""
    page = stage.page
    stage.open(f"/new/{quote(project['source'], safe='')}")
    page.get_by_label("From", exact=True).select_option(project["source_language"])
    page.get_by_label("To", exact=True).select_option(index=1)
    page.locator(".estimate-stages li").first.wait_for()
    lips = page.get_by_label("Lips", exact=True)
    if lips.count():
        lips.select_option(index=1)
        page.locator(".new-lips p").wait_for()


def browse(stage: Stage, project: Any, folder: Path) -> None:
    stage.open("/new/")
    stage.page.get_by_role("button", name="Choose").first.click()
    stage.page.locator(".browse-entry").first.wait_for()


def _dub_job(stage: Stage, project: Any) -> Any:
    jobs = [one for one in stage.service.call("GET", "/jobs") if one["kind"] == "dub"]
    return next((one for one in jobs if one["project"] == project["id"]), jobs[0])


def job(stage: Stage, project: Any, folder: Path) -> None:
    """A finished dub."""
    stage.open(f"/job/{_dub_job(stage, project)['id']}")
    stage.page.locator(".found-line").first.wait_for()


def _show_job_as(stage: Stage, project: Any, **changes: Any) -> None:
    """Open the page of the dub, whose job the page is told to be in another state."""
    real = _dub_job(stage, project)
    told = {**real, **changes}
    stage.page.route(f"**/jobs/{real['id']}", lambda route: route.fulfill(json=told))
    # The list of jobs, which the page asks for too, would say that it is over.
    stage.page.route(re.compile(r"/jobs(\?.*)?$"), lambda route: route.fulfill(json=[told]))
    made = stage.service.call("GET", f"/projects/{real['project']}")
    found = {"project": real["project"], "lines": made["lines"], "speakers": made["speakers"], "words": []}
    for line in found["lines"][len(found["lines"]) // 2 :]:
        line.update(takes=[], chosen=None, status="translated")
    stage.page.route(f"**/jobs/{real['id']}/lines", lambda route: route.fulfill(json=found))
    stage.open(f"/job/{real['id']}")
    stage.page.locator(".found-line").first.wait_for()


def running_job(stage: Stage, project: Any, folder: Path) -> None:
    """A dub half of whose lines are voiced."""
    real = _dub_job(stage, project)
    names = [one["name"] for one in real["stages"]]
    at = names.index("voice") if "voice" in names else len(names) // 2
    stages = [
        {**one, "state": "done" if place < at else "running" if place == at else "waiting"}
        | ({"done": 1, "total": 2} if place == at else {})
        for place, one in enumerate(real["stages"])
    ]
    found = real["lines"]["found"]
    _show_job_as(
        stage,
        project,
        state="running",
        finished=None,
        result=None,
        fraction=_HALF,
        seconds_left=75.0,
        stages=stages,
        lines={**real["lines"], "voiced": found // 2},
    )


def failed_job(stage: Stage, project: Any, folder: Path) -> None:
    error = {
        "message": f"{project['source']} was not found.",
        "hint": "Was the disk taken off? Connect it, and take the job up again: finished work is kept.",
        "code": "media",
    }
    _show_job_as(stage, project, state="failed", error=error, result=None, fraction=_HALF)


def script(stage: Stage, project: Any, folder: Path) -> None:
    stage.open(f"/project/{project['id']}/script")
    stage.page.locator(".row[data-line]").first.wait_for()


def selected(stage: Stage, project: Any, folder: Path) -> None:
    script(stage, project, folder)
    # The line with most to say about itself.
    notes = [len(line["flags"]) + bool(line["placement"]) for line in project["lines"]]
    line = project["lines"][notes.index(max(notes))]["id"]
    stage.page.locator(f'.row[data-line="{line}"] .cell-time').click()
    stage.page.locator(".take").first.wait_for()


def writing(stage: Stage, project: Any, folder: Path) -> None:
    selected(stage, project, folder)
    stage.page.keyboard.press("Enter")
    stage.page.locator(".cell-edit").wait_for()


def new_line(stage: Stage, project: Any, folder: Path) -> None:
    selected(stage, project, folder)
    stage.page.keyboard.press("n")
    stage.page.get_by_role("dialog").wait_for()


def speakers(stage: Stage, project: Any, folder: Path) -> None:
    selected(stage, project, folder)
    stage.page.get_by_role("button", name="Speakers").click()
    stage.page.locator(".split").wait_for()


def casting(stage: Stage, project: Any, folder: Path) -> None:
    speakers(stage, project, folder)
    stage.page.locator(".person-voice").first.click()
    stage.page.locator(".candidate").first.wait_for()


def rights(stage: Stage, project: Any, folder: Path) -> None:
    speakers(stage, project, folder)
    stage.page.get_by_role("button", name="Rights and consent").click()
    stage.page.locator(".rights-people, .rights > .muted").first.wait_for()


def consent(stage: Stage, project: Any, folder: Path) -> None:
    """The form that records a consent, for the first person of the cast file."""
    rights(stage, project, folder)
    stage.page.get_by_role("button", name="Record consent").first.click()
    stage.page.locator(".rights-new").wait_for()


def lips(stage: Stage, project: Any, folder: Path) -> None:
    script(stage, project, folder)
    stage.page.get_by_role("button", name="Faces and lips").click()
    stage.page.locator(".pictures > section").first.wait_for()
    if stage.page.locator(".pictures > section").count() > 1:
        stage.page.locator(".pictures-plan").wait_for()


def import_takes(stage: Stage, project: Any, folder: Path) -> None:
    script(stage, project, folder)
    stage.page.get_by_role("button", name="Import takes").click()
    files = [folder / f"{project['lines'][0]['id']}.wav", folder / "booth.wav"]
    for file in files:
        file.write_bytes(b"no sound")
    stage.page.locator("dialog input[type=file]").set_input_files(files)
    stage.page.locator(".take-rows tbody tr").nth(1).wait_for()


def recorder(stage: Stage, project: Any, folder: Path) -> None:
    """The recorder, which says so where there is no microphone."""
    selected(stage, project, folder)
    stage.page.keyboard.press("r")
    stage.page.locator(".recorder-trouble, .recorder[data-stage=ready]").first.wait_for()


def keys(stage: Stage, project: Any, folder: Path) -> None:
    script(stage, project, folder)
    stage.page.keyboard.press("?")
    stage.page.locator(".keys").wait_for()


def another_language(stage: Stage, project: Any, folder: Path) -> None:
    script(stage, project, folder)
    stage.page.get_by_label("Language of the dub").select_option("another")
    stage.page.get_by_role("dialog").locator(".estimate-stages, .another-language > p").last.wait_for()


def quality(stage: Stage, project: Any, folder: Path) -> None:
    stage.open(f"/project/{project['id']}/quality")
    stage.page.locator(".measures").wait_for()


def report(stage: Stage, project: Any, folder: Path) -> None:
    """The report, from its file: as the service hands it out it may run no scripts, and axe needs them."""
    stage.page.goto((Path(project["root"]) / "qc" / "report.html").as_uri())
    stage.page.locator("main").wait_for()


def deliver(stage: Stage, project: Any, folder: Path) -> None:
    stage.open(f"/project/{project['id']}/deliver")
    stage.page.locator(".delivered").first.wait_for()


def deliver_open(stage: Stage, project: Any, folder: Path) -> None:
    """Deliver with every part of its settings open."""
    deliver(stage, project, folder)
    stage.page.locator(".delivery-settings summary").first.wait_for()
    _open_all(stage)


def plan(stage: Stage, project: Any, folder: Path) -> None:
    delivered = next(Path(project["root"]).glob("deliver/*/*.otio"))
    edited = moved(delivered, project["lines"][1]["id"], 24_024, folder / "edited.otio")
    deliver(stage, project, folder)
    stage.page.locator(".drop input[multiple]").set_input_files(edited)
    stage.page.locator(".plan tbody tr").first.wait_for()


def trust(stage: Stage, project: Any, folder: Path) -> None:
    """The question of a project that asks for more than its own files."""
    stage.open(f"/project/{project['id']}/script")
    stage.page.get_by_role("dialog").wait_for()


def refused(stage: Stage, project: Any, folder: Path) -> None:
    stage.page.goto(f"{stage.address}/#token=old")
    stage.page.get_by_text("no longer has a valid key").wait_for()


def message(stage: Stage, project: Any, folder: Path) -> None:
    """A refusal of the service, as it stands over the page: a file that is not there."""
    browse(stage, project, folder)
    path = stage.page.get_by_label("Path")
    path.fill(str(folder / "lost.mp4"))
    path.press("Enter")
    stage.page.locator(".message-wrong").wait_for()


VIEWS: tuple[View, ...] = (
    home, setup, setup_open, new, new_chosen, browse, message, running_job, job, failed_job, script, selected,
    writing, new_line, speakers, casting, rights, consent, lips, import_takes, recorder, keys,
    another_language, quality, report, deliver, deliver_open, plan, refused,
)  # fmt: skip
"""In the order in which a person meets them."""
