"""docs/host-protocol.md names the verbs that the scripts and the panel know, and no others."""

from __future__ import annotations

import re
from pathlib import Path

from rythmo_plugin.hosts.resolve.rythmo_resolve.host import Host

ROOT = Path(__file__).parents[3]
HOSTS = ROOT / "plugin" / "rythmo_plugin" / "hosts"
TALK = {"end", "page"}
"""What the conversation itself does, and what the service does for Resolve."""
UNABLE = {"use", "drop", "subtitle", "save"}
"""What Premiere has no call for, what is so already, or what it has no need of."""
OF_PREMIERE = {"captions"}


def documented() -> set[str]:
    """The verbs of the table of steps."""
    text = (ROOT / "docs" / "host-protocol.md").read_text(encoding="utf-8")
    table = text.split("## Steps")[1].split("##")[0]
    return set(re.findall(r"^\| `([a-z]+)`", table, re.MULTILINE))


def test_the_python_script_knows_every_verb() -> None:
    known = {name.removeprefix("do_") for name in vars(Host) if name.startswith("do_")}
    assert known == documented() - TALK - OF_PREMIERE


def test_the_lua_script_knows_every_verb() -> None:
    text = (HOSTS / "resolve" / "lua" / "host.lua").read_text(encoding="utf-8")
    known = re.findall(r"^(?:function DO\.(\w+)|DO\[\"(\w+)\"\])", text, re.MULTILINE)
    assert {one or other for one, other in known} == documented() - TALK - OF_PREMIERE


def test_the_panel_knows_every_verb_that_premiere_can_do() -> None:
    text = (HOSTS / "premiere" / "panel" / "verbs.js").read_text(encoding="utf-8")
    assert set(re.findall(r'case "(\w+)":', text)) == documented() - UNABLE
