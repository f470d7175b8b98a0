"""The page's types are those of the service and of the report."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("page_types", ROOT / "tools" / "page_types.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def written(tool, schema, *, requests=()):
    return tool.write_types({"T": schema}, tool.API, frozenset(requests)).split("\n\n", 1)[1]


def test_the_types_are_current(tool):
    for path, text in tool.files().items():
        assert path.read_text(encoding="utf-8") == text, "run: python tools/page_types.py"


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "integer"}, "number"),
        ({"enum": ["a", "b"]}, '"a" | "b"'),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string | null"),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, "number"),
        ({"type": "array", "items": {"anyOf": [{"type": "number"}, {"type": "null"}]}}, "(number | null)[]"),
        ({"type": "array", "prefixItems": [{"type": "number"}, {"type": "string"}]}, "[number, string]"),
        ({"type": "object", "additionalProperties": {"$ref": "#/components/schemas/A"}}, "Record<string, A>"),
        ({"type": "object"}, "Record<string, unknown>"),
        ({}, "unknown"),
    ],
)
def test_a_schema_becomes_a_type(tool, schema, expected):
    assert tool.type_of(schema) == expected


def test_a_schema_that_nobody_foresaw_is_refused(tool):
    with pytest.raises(ValueError, match="allOf"):
        tool.type_of({"allOf": [{"type": "string"}]})


def test_a_default_may_be_left_out_of_a_request_and_always_comes_in_an_answer(tool):
    schema = {
        "properties": {"a": {"type": "string"}, "b": {"type": "string", "default": ""}},
        "required": ["a"],
    }
    assert written(tool, schema) == "export interface T {\n  a: string;\n  b: string;\n}\n"
    asked = written(tool, schema, requests=["T"])
    assert asked == "export interface T {\n  a: string;\n  b?: string;\n}\n"


def test_what_the_service_may_leave_out_is_optional(tool):
    assert "  b?: string;\n" in written(tool, {"properties": {"b": {"type": "string"}}, "required": []})


def test_a_description_stays_inside_its_comment(tool):
    text = written(tool, {"type": "string", "description": "Ends with */ early."})
    assert text.count("*/") == 1


def test_requests_are_told_from_answers_whatever_they_are_made_of(tool):
    reference = {"$ref": "#/components/schemas/Asked"}
    api = {
        "paths": {"/a": {"post": {"requestBody": {"content": {"json": {"schema": reference}}}}, "get": {}}},
        "components": {
            "schemas": {
                "Asked": {"properties": {"inner": {"$ref": "#/components/schemas/Inner"}}},
                "Inner": {},
                "Answer": {},
            }
        },
    }
    assert tool.names_in_requests(api) == {"Asked", "Inner"}
