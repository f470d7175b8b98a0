"""The public definition of PTSL, out of the py-ptsl package, without importing that package.

py-ptsl pins an old protobuf, so its module is only read: the definition is a literal in it.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory


def is_installed() -> bool:
    """Whether the package is there."""
    try:
        distribution("py-ptsl")
    except PackageNotFoundError:
        return False
    return True


@cache
def _pool() -> tuple[Any, Any]:
    path = distribution("py-ptsl").locate_file("ptsl/PTSL_pb2.py")
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "AddSerializedFile":
            file = descriptor_pb2.FileDescriptorProto.FromString(ast.literal_eval(node.args[0]))
            pool = descriptor_pool.DescriptorPool()
            pool.Add(file)
            return file, pool
    raise AssertionError(f"{path} holds no definition")


def message(name: str) -> Any:
    """The class of a message."""
    return message_factory.GetMessageClass(_pool()[1].FindMessageTypeByName(f"ptsl.{name}"))


def knows(name: str) -> bool:
    """Whether the definition has a message of this name."""
    return any(each.name == name for each in _pool()[0].message_type)


def number(enum: str, name: str | int) -> int:
    """The number of a value by any of its names."""
    if isinstance(name, int):
        return name
    return _pool()[1].FindEnumTypeByName(f"ptsl.{enum}").values_by_name[name].number


@cache
def command_name(command: int) -> str:
    """A command's name: "SpotClipsByID"."""
    enum = next(each for each in _pool()[0].enum_type if each.name == "CommandId")
    return next(v.name[4:] for v in enum.value if v.number == command and v.name.startswith("CId_"))


def checked_request(command: int, text: str) -> dict[str, Any]:
    """A request's body, after it was held against the definition: an unknown field or value is refused."""
    name = f"{command_name(command)}RequestBody"
    if not knows(name):
        assert not text.strip("{} "), f"{name} takes nothing"
        return {}
    json_format.Parse(text or "{}", message(name)())
    return json.loads(text) if text else {}


def outdated_names(command: int, body: dict[str, Any]) -> list[str]:
    """The values of a request that have a newer name in the definition."""
    name = f"{command_name(command)}RequestBody"
    return list(_walk(message(name).DESCRIPTOR, body)) if knows(name) else []


def _walk(descriptor: Any, body: dict[str, Any]) -> Iterator[str]:
    for key, value in body.items():
        field = descriptor.fields_by_name[key]
        if field.message_type is not None:
            for each in value if isinstance(value, list) else [value]:
                yield from _walk(field.message_type, each)
        elif field.enum_type is not None and isinstance(value, str):
            numbered = field.enum_type.values_by_name[value].number
            names = [each.name for each in field.enum_type.values if each.number == numbered]
            if value != names[-1]:
                yield value


def checked_answer(command: int, body: dict[str, Any]) -> str:
    """An answer as text, after it was held against the definition."""
    name = f"{command_name(command)}ResponseBody"
    if not body:
        return ""
    assert knows(name), f"{name} is not defined"
    # Released versions call this list otherwise than the definition.
    plain = {"clips" if key == "clip_list" and command == 125 else key: value for key, value in body.items()}
    json_format.ParseDict(plain, message(name)())
    return json.dumps(body)
