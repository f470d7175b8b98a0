"""The public type stubs of Resolve's scripting, read as data: what a call takes and gives."""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAMES = {"PoolItem": "MediaPoolItem"}
"""The fake's classes that are called otherwise in the stubs."""


LEFT_OUT = {("TimelineItem", "GetStart"), ("TimelineItem", "GetDuration"), ("Timeline", "AddTrack")}
"""Their last argument may be left out, as Resolve's own documentation says; the stubs ask for it."""


@dataclass(frozen=True)
class Signature:
    """One way to call a method: names and types of its arguments, how many must be given, what comes back."""

    names: list[str]
    types: list[ast.expr | None]
    needed: int
    gives: ast.expr | None


@dataclass
class Stubs:
    """Methods by class and name; `aliases` are the names of literals and dictionaries."""

    methods: dict[str, dict[str, list[Signature]]] = field(default_factory=dict)
    aliases: dict[str, ast.expr] = field(default_factory=dict)
    fields: dict[str, dict[str, ast.expr]] = field(default_factory=dict)

    def takes(self, kind: str, name: str, given: tuple[Any, ...]) -> bool:
        """Whether some way to call the method takes these values."""
        spare = int((kind, name) in LEFT_OUT)
        return any(
            each.needed - spare <= len(given) <= len(each.names)
            and all(self.fits(value, told) for value, told in zip(given, each.types, strict=False))
            for each in self.methods[NAMES.get(kind, kind)][name]
        )

    def gives(self, kind: str, name: str, value: Any) -> bool:
        """Whether some way to call the method gives such a value."""
        return any(self.fits(value, each.gives) for each in self.methods[NAMES.get(kind, kind)][name])

    def fits(self, value: Any, told: ast.expr | None) -> bool:
        """Whether a value is of an annotated type. Lua has one kind of number, so 1.0 counts as whole."""
        match told:
            case None:
                return True
            case ast.Name(name):
                return self._named(value, name)
            case ast.List([element]):
                return isinstance(value, list) and all(self.fits(each, element) for each in value)
            case ast.BinOp(left, ast.BitOr() | ast.Add(), right):
                return self.fits(value, left) or self.fits(value, right)
            case ast.Subscript(ast.Name(name), inner):
                return self._of(value, name, inner)
        return _literally(value, told)

    def _of(self, value: Any, name: str, inner: ast.expr) -> bool:
        """Whether a value is of a type with another in brackets."""
        if name in {"List", "list"}:
            return self.fits(value, ast.List([inner]))
        if name == "Literal":
            options = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return any(self.fits(value, each) for each in options)
        if name in {"dict", "Dict"}:
            return isinstance(value, dict)
        return (name == "Optional" and value is None) or self.fits(value, inner)

    def _named(self, value: Any, name: str) -> bool:
        if name in self.fields:
            known = self.fields[name]
            return isinstance(value, dict) and all(
                k in known and self.fits(v, known[k]) for k, v in value.items()
            )
        if name in self.aliases:
            return self.fits(value, self.aliases[name])
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        plain = {
            "Any": True,
            "bool": isinstance(value, bool),
            "int": whole and not isinstance(value, bool),
            "float": isinstance(value, int | float) and not isinstance(value, bool),
            "str": isinstance(value, str),
            "dict": isinstance(value, dict),
        }
        return plain.get(name, NAMES.get(type(value).__name__, type(value).__name__) == name)


def _literally(value: Any, told: ast.expr) -> bool:
    """Whether a value is one of those written out."""
    match told:
        case ast.Constant(literal):
            return bool(value == literal)
        case ast.Attribute():  # an enum of the handle's: a number that changes between versions
            return isinstance(value, int | float)
        case ast.ListComp(ast.Call(ast.Attribute(ast.Constant(form), "format"))):
            pattern = re.sub(r"{\w+}", r"\\d+", str(form))
            return isinstance(value, str) and re.fullmatch(pattern, value) is not None
    return False


def read() -> Stubs | None:
    """The stubs of this environment; None where they are not installed."""
    places = (Path(entry) / "fusionscript-stubs" / "fusionscript.pyi" for entry in sys.path)
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        return None
    found = Stubs()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.aliases[node.targets[0].id] = node.value
        elif isinstance(node, ast.ClassDef):
            _read_class(found, node)
    return found


def _read_class(found: Stubs, node: ast.ClassDef) -> None:
    if any(isinstance(base, ast.Name) and base.id == "TypedDict" for base in node.bases):
        lines = (line for line in node.body if isinstance(line, ast.AnnAssign))
        found.fields[node.name] = {ast.unparse(line.target): line.annotation for line in lines}
        return
    for method in node.body:
        if isinstance(method, ast.FunctionDef):
            arguments = method.args.args[1:]
            # An Optional argument may be left out, whatever the stub's defaults say.
            needed = sum(
                not ast.unparse(a.annotation).startswith("Optional") for a in arguments if a.annotation
            )
            signature = Signature(
                [a.arg for a in arguments],
                [a.annotation for a in arguments],
                needed - len(method.args.defaults),
                method.returns,
            )
            found.methods.setdefault(node.name, {}).setdefault(method.name, []).append(signature)
