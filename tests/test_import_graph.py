"""Imports go one way: no circle, however hidden, between modules or between the rooms of a package."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("import_graph", ROOT / "tools" / "import_graph.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def graph(tool):
    return tool.read_graph()


def test_no_circle_of_modules(tool, graph):
    assert tool.circles(graph) == []


@pytest.mark.parametrize("package", ["rythmo", "rythmo_bridge", "rythmo_plugin", "rythmo.engines"])
def test_no_circle_of_rooms(tool, graph, package):
    assert tool.floors(tool.rooms(graph, package))


def test_a_circle_is_found_wherever_it_hides(tool):
    assert tool.circles({"a": frozenset("b"), "b": frozenset("c"), "c": frozenset("a")}) != []


def test_no_circle_in_the_page(tool):
    graph = tool.read_web_graph()
    assert "script/Row.tsx" in graph["script/List.tsx"]
    assert tool.circles(graph) == []


@pytest.mark.parametrize(
    "back",
    ['import type { A } from "../a";', 'export * from "../a";', 'void import("../a");', 'import "../a";'],
)
def test_a_circle_in_the_page_is_found(tool, tmp_path, back):
    (tmp_path / "rows").mkdir()
    (tmp_path / "a.tsx").write_text('import {\n  B,\n} from "./rows/b";\nimport "./styles.css";\n')
    (tmp_path / "rows" / "b.ts").write_text(f'import {{ signal }} from "@preact/signals";\n{back}\n')
    assert tool.circles(tool.read_web_graph(tmp_path)) != []


def test_the_picture_of_the_layers_is_current(tool, graph):
    kept = (ROOT / "docs" / "layers.svg").read_text(encoding="utf-8")
    assert kept == tool.draw(graph), "run: python tools/import_graph.py"
