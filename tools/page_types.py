"""Write the page's types from the service's OpenAPI document and from the schema of the QC report.

    python tools/page_types.py             writes plugin/web/src/api-types.ts and report-types.ts
    python tools/page_types.py --check     writes nothing; exit code 1 if one of the files is not current

openapi-typescript would do the same, but needs TypeScript 5 beside it, and the page is on 7.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "plugin" / "web" / "src"
API = ROOT / "plugin" / "rythmo_plugin" / "service" / "openapi.json"
REPORT = ROOT / "core" / "rythmo" / "qc" / "report.schema.json"
_SIMPLE = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_NAME = re.compile(r"[A-Za-z_$][\w$]*\Z")
_WIDTH = 110

Schema = Mapping[str, Any]


def files() -> dict[Path, str]:
    """Return the text of each file by its path."""
    api = json.loads(API.read_bytes())
    report = json.loads(REPORT.read_bytes())
    schemas = api["components"]["schemas"]
    return {
        WEB / "api-types.ts": write_types(schemas, API, requests=names_in_requests(api)),
        WEB / "report-types.ts": write_types(report["$defs"], REPORT),
    }


def write_types(schemas: Mapping[str, Schema], source: Path, requests: frozenset[str] = frozenset()) -> str:
    """Return a TypeScript module with an exported type for each schema.

    `requests` names the schemas that a client sends: there, what has a default may be left out. What the
    service sends always holds every field, but for those that have neither a default nor are required.
    Raises ValueError for a schema that these types do not cover.
    """
    origin = source.relative_to(ROOT).as_posix()
    head = f"/* Made by tools/page_types.py from {origin}: change that and run it again. */\n"
    return head + "".join(
        f"\n{_declare(name, schemas[name], is_request=name in requests)}" for name in sorted(schemas)
    )


def names_in_requests(api: Schema) -> frozenset[str]:
    """Return the names of the schemas that bodies of requests are made of."""
    schemas = api["components"]["schemas"]
    bodies = [
        operation["requestBody"]
        for methods in api["paths"].values()
        for operation in methods.values()
        if "requestBody" in operation
    ]
    found: set[str] = set()
    waiting = [name for body in bodies for name in _references(body)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _references(schemas[name])
    return frozenset(found)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "$ref":
                yield _named(inner)
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _named(reference: str) -> str:
    return reference.rpartition("/")[2]


def _declare(name: str, schema: Schema, *, is_request: bool) -> str:
    head = _comment(schema.get("description", ""), "")
    if "properties" not in schema:
        return f"{head}export type {name} = {type_of(schema)};\n"
    rows = [
        _comment(kind.get("description", ""), "  ")
        + f"  {_field(field, kind, schema, is_request=is_request)};\n"
        for field, kind in schema["properties"].items()
    ]
    return f"{head}export interface {name} {{\n{''.join(rows)}}}\n"


def _field(name: str, kind: Schema, owner: Schema, *, is_request: bool) -> str:
    sent = name in owner.get("required", ()) or ("default" in kind and not is_request)
    key = name if _NAME.match(name) else json.dumps(name)
    return f"{key}{'' if sent else '?'}: {type_of(kind)}"


def _comment(text: str, indent: str) -> str:
    lines = text.replace("*/", "* /").splitlines()
    if not lines:
        return ""
    one = f"{indent}/** {lines[0]} */\n"
    if len(lines) == 1 and len(one) <= _WIDTH:
        return one
    wrapped = [part for line in lines for part in textwrap.wrap(line, _WIDTH - len(indent) - 3) or [""]]
    rows = "".join(f"{indent} * {line}".rstrip() + "\n" for line in wrapped)
    return f"{indent}/**\n{rows}{indent} */\n"


def type_of(schema: Schema) -> str:
    """Return the TypeScript type of a JSON schema. Raises ValueError for one that it does not know."""
    if "$ref" in schema:
        return _named(schema["$ref"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(type_of(one) for one in schema["anyOf"]))
    kind = schema.get("type")
    if kind == "array":
        return _array(schema)
    if kind == "object":
        return _record(schema)
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if not schema.keys() - {"description", "default", "title"}:
        return "unknown"
    raise ValueError(f"No TypeScript type is known for {json.dumps(dict(schema))}.")


def _array(schema: Schema) -> str:
    if parts := schema.get("prefixItems"):
        return f"[{', '.join(type_of(part) for part in parts)}]"
    inner = type_of(schema.get("items", {}))
    return f"({inner})[]" if " | " in inner else f"{inner}[]"


def _record(schema: Schema) -> str:
    if "properties" in schema:
        raise ValueError(f"An object inside another needs a name: {json.dumps(dict(schema))}.")
    values = schema.get("additionalProperties", True)
    return f"Record<string, {type_of(values) if isinstance(values, dict) else 'unknown'}>"


def main(arguments: list[str]) -> int:
    """Write the files, or compare them. Returns the exit code."""
    old = [path for path, text in files().items() if not path.is_file() or path.read_text("utf-8") != text]
    if "--check" in arguments:
        for path in old:
            print(f"{path.relative_to(ROOT)} is not current: python tools/page_types.py")
        return 1 if old else 0
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
