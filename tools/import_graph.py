"""Reads the imports of Rythmo's three packages and of the page as graphs of modules, and draws the layers.

    python tools/import_graph.py                     writes docs/layers.svg
    python tools/import_graph.py --circles           prints every import circle; exit code 1 if there is one

The graph holds every import, also those inside functions and under TYPE_CHECKING, and every string that
is the dotted name of one of our modules: a circle that is only hidden is still a circle. The page's graph
holds its relative imports, those of types too.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {"rythmo": "core", "rythmo_bridge": "bridge", "rythmo_plugin": "plugin"}
# These run inside the hosts' own interpreters and import each other by relative names there.
_FOREIGN = "hosts/resolve"
WEB = ROOT / "plugin" / "web" / "src"
# `import ... from "./x"`, `export ... from "./x"`, `import "./x"` and `import("./x")`.
_WEB_IMPORT = re.compile(r"""\b(?:from|import)\s*\(?\s*["'](\.[^"']*)["']""")

Graph = Mapping[str, frozenset[str]]


def modules() -> dict[str, Path]:
    """Return the path of every module of ours by its dotted name."""
    found = {}
    for package, folder in PACKAGES.items():
        for path in sorted((ROOT / folder / package).rglob("*.py")):
            if _FOREIGN not in path.as_posix():
                parts = path.relative_to(ROOT / folder).with_suffix("").parts
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def read_graph() -> Graph:
    """Return for every module the modules of ours that it names."""
    paths = modules()
    return {name: frozenset(_named(path, paths)) - {name} for name, path in paths.items()}


def _named(path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    # A package's name in a string is a distribution or an entry-point group, not an import.
    dotted = {name for name, file in known.items() if "." in name and file.name != "__init__.py"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if inner in known:
                    yield inner
                elif node.module in known:
                    yield node.module
        elif isinstance(node, ast.Constant) and node.value in dotted:
            yield str(node.value)


def read_web_graph(sources: Path = WEB) -> Graph:
    """Return for every TypeScript module of the page, as its path below `sources`, those that it imports.

    Raises ValueError for a relative import of a script that is not there.
    """
    paths = sorted(path for path in sources.rglob("*") if path.suffix in (".ts", ".tsx"))
    return {path.relative_to(sources).as_posix(): frozenset(_web_imports(path, sources)) for path in paths}


def _web_imports(path: Path, sources: Path) -> Iterator[str]:
    for target in _WEB_IMPORT.findall(path.read_text(encoding="utf-8")):
        plain = (path.parent / target).resolve()
        if plain.suffix in (".css", ".svg", ".json"):
            continue
        tries = (plain, plain.with_name(f"{plain.name}.ts"), plain.with_name(f"{plain.name}.tsx"))
        found = next((one for one in tries if one.is_file()), None)
        if found is None:
            raise ValueError(f"{path.name} imports {target}, which is not there.")
        yield found.relative_to(sources.resolve()).as_posix()


def circles(graph: Graph) -> list[tuple[str, ...]]:
    """Return the import circles, one at a time: each is opened before the next is looked for."""
    found = []
    edges = {name: set(others) for name, others in graph.items()}
    while True:
        try:
            tuple(TopologicalSorter(edges).static_order())
        except CycleError as error:
            # graphlib gives predecessors: a, b means that b names a.
            circle = tuple(reversed(error.args[1]))
            found.append(circle)
            edges[circle[0]].discard(circle[1])
        else:
            return found


def rooms(graph: Graph, package: str) -> dict[str, set[str]]:
    """Return a package's direct members and which of them each names: the picture's boxes and arrows."""
    arrows: dict[str, set[str]] = defaultdict(set)
    for name, others in graph.items():
        if room := _room(name, package):
            arrows[room] |= {other for each in others if (other := _room(each, package))} - {room}
    return dict(arrows)


def _room(name: str, package: str) -> str | None:
    head, _, rest = name.partition(f"{package}.")
    return rest.split(".")[0] if not head and rest else None


def floors(arrows: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the members in floors: each names only members of lower floors. Raises CycleError."""
    sorter = TopologicalSorter(arrows)
    sorter.prepare()
    stacked = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        stacked.append(ready)
        sorter.done(*ready)
    return stacked


def draw(graph: Graph) -> str:
    """Return the layers as SVG: a band for each package, its members in floors, the uppermost first."""
    row, width, rows = 44, 1180, []
    y = 20.0
    for package in reversed(PACKAGES):
        stacked = floors(rooms(graph, package))
        height = row * len(stacked) + 40
        rows.append(
            f'<rect x="10" y="{y:.0f}" width="{width - 20}" height="{height}" rx="8" class="band"/>'
            f'<text x="24" y="{y + 24:.0f}" class="package">{package}</text>'
        )
        for floor, members in enumerate(reversed(stacked)):
            rows.extend(_boxes(members, y + 34 + row * floor, width))
        y += height + 14
    style = (
        ".band{fill:#f4f1ea;stroke:#b9b09c}.box{fill:#fff;stroke:#7a6f5a}"
        "text{font:13px system-ui,sans-serif;fill:#2b2721}.package{font-weight:600;font-size:15px}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y + 6:.0f}" role="img" '
        f'aria-label="The layers of Rythmo: imports go downwards"><style>{style}</style>'
        f"{''.join(rows)}</svg>\n"
    )


def _boxes(members: list[str], y: float, width: int) -> Iterator[str]:
    step = (width - 190) / len(members)
    for index, member in enumerate(members):
        x = 170 + index * step
        wide = min(step - 8, 8.2 * len(member) + 20)
        yield (
            f'<rect x="{x:.0f}" y="{y:.0f}" width="{wide:.0f}" height="30" rx="5" class="box"/>'
            f'<text x="{x + 9:.0f}" y="{y + 20:.0f}">{member}</text>'
        )


def main(arguments: list[str]) -> int:
    """Print the circles, or write the picture. Returns the exit code."""
    graph = read_graph()
    if "--circles" in arguments:
        for circle in (found := circles(graph) + circles(read_web_graph())):
            print(" -> ".join(circle))
        return 1 if found else 0
    (ROOT / "docs" / "layers.svg").write_text(draw(graph), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
