"""The panel against Adobe's own types and the rules of its locks; both checks refuse what they should."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
CHECKERS = ROOT / "plugin" / "panel"
PANEL = ROOT / "plugin" / "rythmo_plugin" / "hosts" / "premiere" / "panel"


@pytest.fixture(scope="module")
def checkers() -> subprocess.CompletedProcess[str]:
    """What the checkers say of the panel; skipped where npm has no way to its registry."""
    words = [sys.executable, str(ROOT / "tools" / "check_panel.py")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode == 3:
        pytest.skip(done.stdout.strip())
    return done


def test_the_panel_passes_tsc_strict_and_the_lint(checkers: subprocess.CompletedProcess[str]) -> None:
    assert checkers.returncode == 0, checkers.stdout + checkers.stderr


FAULTS = {
    "types": {"createCloneAction": ("createTwinAction", "Property 'createTwinAction' does not exist")},
    "lint": {
        "  const item = await made.getProjectItem();\n": (
            "  const item = await made.getProjectItem();\n  item.createSetNameAction(name);\n",
            "inside executeTransaction",
        ),
        "    compound.addAction(item": (
            "    void (async () => {})();\n    compound.addAction(item",
            "Nothing may be awaited inside a lock",
        ),
        ', "Rythmo: duplicate"': ("", "needs a name for Edit > Undo"),
    },
}


def broken(folder: Path, faults: dict[str, tuple[str, str]]) -> Path:
    """A copy of the checkers and the panel, with faults in its host.js."""
    here = folder / "plugin" / "panel"
    shutil.copytree(CHECKERS, here, ignore=shutil.ignore_patterns("node_modules"))
    (here / "node_modules").symlink_to(CHECKERS / "node_modules")
    copy = folder / PANEL.relative_to(ROOT)
    shutil.copytree(PANEL, copy)
    text = (copy / "host.js").read_text(encoding="utf-8")
    for before, (after, _) in faults.items():
        assert before in text
        text = text.replace(before, after)
    (copy / "host.js").write_text(text, encoding="utf-8")
    return here


@pytest.mark.parametrize("check", FAULTS)
def test_faults_are_refused(checkers: subprocess.CompletedProcess[str], tmp_path: Path, check: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not on the path")
    here = broken(tmp_path, FAULTS[check])
    words = [npm, "run", "--silent", check]
    done = subprocess.run(words, cwd=here, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    for _, complaint in FAULTS[check].values():
        assert complaint in done.stdout


@pytest.mark.parametrize(
    "sink",
    [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "srcdoc",
        "DOMParser",
    ],
)
def test_the_panel_makes_no_markup_and_no_code_of_what_it_is_told(sink: str) -> None:
    """Names out of a project or a sequence reach the panel: they are set as text."""
    sources = {path.name: path.read_text("utf-8") for path in PANEL.glob("*.js")}
    assert "main.js" in sources
    assert [name for name, text in sources.items() if sink in text] == []


def test_the_panel_may_reach_this_machine_only() -> None:
    asked = json.loads((PANEL / "manifest.json").read_text("utf-8"))["requiredPermissions"]
    places = asked["network"]["domains"]
    assert places
    assert all(place.startswith(("http://127.0.0.1:", "http://localhost:")) for place in places), places
    assert set(asked.get("launchProcess", {}).get("schemes", ())) <= {"http"}
    assert "webview" not in asked
