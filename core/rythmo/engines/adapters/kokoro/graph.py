"""Extraction of the part of Kokoro's ONNX graph that computes how long each symbol lasts.

The whole graph spends nearly all of its time on making sound. Before that, its encoder decides how many
frames of 25 ms each symbol gets. That part takes about a hundredth of the time and needs only the symbols and
the style. A model is a protobuf message (onnx.proto3); only the few fields needed here are read, so that no
library for it has to be installed.
"""

from __future__ import annotations

from collections.abc import Iterator

# Field numbers of onnx.proto3.
_GRAPH = 7
_NODE, _INITIALIZER, _INPUT, _OUTPUT, _VALUE_INFO = 1, 5, 11, 12, 13
_NODE_INPUT, _NODE_OUTPUT, _NODE_OPERATION = 1, 2, 4
_TENSOR_NAME, _VALUE_NAME = 8, 1
_BYTES, _VARINT = 2, 0
_FIXED = {1: 8, 5: 4}

Field = tuple[int, int | memoryview]


class GraphError(ValueError):
    """The file is not an ONNX model, or not one of Kokoro."""


def durations_model(model: bytes) -> bytes:
    """Return a model with inputs `tokens` and `style`, and one output: frames for each token before rounding.

    The frames are to be divided by `speed`. Raises GraphError.
    """
    head = bytearray()
    graph: list[Field] = []
    for number, value in _fields(memoryview(model)):
        if number == _GRAPH and isinstance(value, memoryview):
            graph = list(_fields(value))
        else:
            head += _encoded(number, value)
    nodes = [_Node(value) for number, value in graph if number == _NODE and isinstance(value, memoryview)]
    wanted = _frames_before_speed(nodes)
    needed = _needed(nodes, wanted)
    body = bytearray()
    for number, value in graph:
        if isinstance(value, int) or number in (_OUTPUT, _VALUE_INFO):
            continue
        if number == _NODE:
            keep = bool(needed & {*_Node(value).outputs})
        elif number in (_INITIALIZER, _INPUT):
            keep = _name(value, _TENSOR_NAME if number == _INITIALIZER else _VALUE_NAME) in needed
        else:
            keep = True
        if keep:
            body += _encoded(number, value)
    body += _encoded(_OUTPUT, memoryview(_encoded(_VALUE_NAME, memoryview(wanted.encode()))))
    return bytes(head + _encoded(_GRAPH, memoryview(body)))


class _Node:
    """The input and output names of one node of the graph, and its operation."""

    __slots__ = ("inputs", "operation", "outputs")

    def __init__(self, data: memoryview) -> None:
        parts = [(number, _text(value)) for number, value in _fields(data) if number in (1, 2, 4)]
        self.inputs = [text for number, text in parts if number == _NODE_INPUT]
        self.outputs = [text for number, text in parts if number == _NODE_OUTPUT]
        self.operation = next((text for number, text in parts if number == _NODE_OPERATION), "")


def _frames_before_speed(nodes: list[_Node]) -> str:
    """Return the name of the value that is divided by the input `speed`."""
    for node in nodes:
        if node.operation == "Div" and node.inputs[1:] == ["speed"]:
            return node.inputs[0]
    raise GraphError("nothing in it is divided by `speed`")


def _needed(nodes: list[_Node], wanted: str) -> set[str]:
    """Return the names of all values that `wanted` depends on, and its own."""
    makers = {output: node for node in nodes for output in node.outputs}
    needed: set[str] = set()
    open_ = [wanted]
    while open_:
        name = open_.pop()
        if name not in needed:
            needed.add(name)
            open_ += makers[name].inputs if name in makers else []
    return needed


def _name(message: memoryview, number: int) -> str:
    return next((_text(value) for found, value in _fields(message) if found == number), "")


def _text(value: int | memoryview) -> str:
    return "" if isinstance(value, int) else bytes(value).decode("utf-8", "replace")


def _fields(data: memoryview) -> Iterator[Field]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire == _BYTES:
            size, at = _varint(data, at)
        elif wire in _FIXED:
            size = _FIXED[wire]
        else:
            raise GraphError("it is not a protobuf message")
        if at + size > len(data):
            raise GraphError("it is cut off")
        yield number, data[at : at + size]
        at += size


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data):
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    raise GraphError("it is cut off")


def _encoded(number: int, value: int | memoryview) -> bytes:
    if isinstance(value, int):
        return _as_varint(number << 3) + _as_varint(value)
    return _as_varint(number << 3 | _BYTES) + _as_varint(len(value)) + bytes(value)


def _as_varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
