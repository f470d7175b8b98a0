"""Values of installed packages: what is broken, or something else, is logged and does no harm."""

from __future__ import annotations

import logging
from importlib.metadata import EntryPoint

from rythmo import installed_plugins


def test_only_values_of_the_kind_come_through(monkeypatch, caplog) -> None:
    def found(group: str) -> list[EntryPoint]:
        targets = {
            "whole": "sys:maxsize",
            "other": "sys:path",
            "gone": "rythmo:nothing",
            "absent": "no_such:x",
        }
        return [EntryPoint(name, target, group) for name, target in targets.items()]

    monkeypatch.setattr(installed_plugins, "entry_points", found)
    with caplog.at_level(logging.ERROR):
        assert len(list(installed_plugins.load_registered("some.group", int))) == 1
    assert "other of some.group is of type list, not int" in caplog.text
    assert caplog.text.count("cannot be loaded") == 2
