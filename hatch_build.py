"""Builds the page before the wheel (or the editable install) that holds it; a wheel gets the example too."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _builder(root: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_page", Path(root, "tools", "build_page.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _skips_page() -> bool:
    """Whether an editable install leaves the page out: `make demo` does, because it needs Node for it."""
    return bool(os.environ.get("RYTHMO_SKIP_PAGE"))


class PageHook(BuildHookInterface[Any]):
    """Runs tools/build_page.py when the page is not that of its sources."""

    def dependencies(self) -> list[str]:
        """Node as a wheel, where the machine has none."""
        builder = _builder(self.root)
        if _skips_page() or builder.is_built() or builder.system_node():
            return []
        return [builder.NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before files are collected."""
        builder = _builder(self.root)
        skipped = version == "editable" and _skips_page()
        if self.target_name == "wheel" and not skipped and not builder.is_built():
            builder.build()
        # An editable install has the example where it lies.
        if self.target_name == "wheel" and version == "standard":
            build_data["force_include"]["examples/scene.mp4"] = "rythmo_plugin/example/scene.mp4"
