"""A project from somebody else asks before anything is made of it: the question as Chromium shows it."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path

import pytest
import tomli_w
from playwright.sync_api import expect

from rythmo import trust

_numbers = count(1)
TITLE = "This project asks for more than its own files"
TRICK = '<img src=x onerror="window.tricked=1"><script>window.tricked=1</script>'


@pytest.fixture
def received(page_service, toy_dub, page_media):
    """A copy of the project whose settings name a remote engine, a program, and words that are tags."""
    root = page_media / f"received{next(_numbers)}.rythmo"
    shutil.copytree(toy_dub, root)
    settings = {
        "engines": {"voice": "elevenlabs"},
        "options": {"apertium": {"program": "/tmp/received/run-me.sh"}, "openai": {"base_url": TRICK}},
    }
    (root / "settings.toml").write_text(tomli_w.dumps(settings), "utf-8")
    yield page_service.call("POST", "/projects", {"path": str(root)})
    # The service may still be making the project's picture.
    shutil.rmtree(root, ignore_errors=True)
    trust.revoke_permissions(root)


def test_the_question_names_each_wish_and_is_obeyed(received, stage):
    root = Path(received["root"])
    page = stage.open(f"/project/{received['id']}/script")
    dialog = page.get_by_role("dialog", name=TITLE)
    expect(dialog).to_be_visible()
    for text in ("engines.voice", "elevenlabs", "options.apertium.program", "run-me.sh", "onerror="):
        expect(dialog).to_contain_text(text)
    assert page.evaluate("window.tricked") is None, "a value is text, not markup"
    dialog.get_by_role("button", name="Only look").click()
    expect(dialog).to_be_hidden()
    line = received["lines"][0]["id"]
    status, said = stage.service.ask("POST", f"/projects/{received['id']}/lines/{line}/takes")
    job = stage.service.until(said["id"], "failed") if status < 400 else None
    assert job is None or "permission" in str(job["error"]), "nothing is made before the answer"
    assert trust.read_permissions(root).settings == ""

    page.reload()
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Leave all of it out").click()
    expect(dialog).to_be_hidden()
    assert stage.service.call("GET", f"/projects/{received['id']}")["asks"] == []
    assert trust.read_permissions(root).settings == ""
    assert trust.read_permissions(root).left_out != ""
    taken = stage.service.call("POST", f"/projects/{received['id']}/lines/{line}/takes")
    assert stage.service.until(taken["id"])["state"] == "done", "the work goes on without what was asked for"


def test_the_question_can_be_answered_by_keys_and_allows_what_it_shows(received, stage):
    root = Path(received["root"])
    page = stage.open(f"/project/{received['id']}/script")
    dialog = page.get_by_role("dialog", name=TITLE)
    expect(dialog).to_be_visible()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Allow all of it":
            break
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    kept = trust.read_permissions(root)
    assert kept.settings != ""
    (root / "settings.toml").write_text('[engines]\nvoice = "openai"\n', "utf-8")
    page.reload()
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("openai")
