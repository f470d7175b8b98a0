"""The two messages of PTSL. What a command says is JSON inside them.

Written from the protocol's public definition. Only the fields that are used are declared: protobuf carries
the others along. The messages live in a pool of their own, so that they do not meet those of another client
that is loaded in the same program.
"""

from __future__ import annotations

from functools import cache
from typing import Any

METHOD = "/ptsl.PTSL/SendGrpcRequest"
# Name, number and type of each field: "s" a string, "i" an int32 or an enum, else the name of a message.
_MESSAGES: dict[str, tuple[tuple[str, int, str], ...]] = {
    "RequestHeader": (("task_id", 1, "s"), ("command", 2, "i"), ("version", 3, "i"), ("session_id", 4, "s")),
    "Request": (("header", 1, "RequestHeader"), ("request_body_json", 2, "s")),
    "ResponseHeader": (("task_id", 1, "s"), ("command", 2, "i"), ("status", 3, "i"), ("progress", 4, "i")),
    "Response": (
        ("header", 1, "ResponseHeader"),
        ("response_body_json", 2, "s"),
        ("response_error_json", 3, "s"),
    ),
}
_PACKAGE = "rythmo_ptsl"


@cache
def message_class(name: str) -> Any:
    """Return the class of the message "Request" or "Response". Loads protobuf."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(name="rythmo_ptsl.proto", package=_PACKAGE, syntax="proto3")
    kinds = descriptor_pb2.FieldDescriptorProto
    for title, fields in _MESSAGES.items():
        message = file.message_type.add(name=title)
        for field, number, kind in fields:
            made = message.field.add(name=field, number=number, label=kinds.LABEL_OPTIONAL)
            if kind in _MESSAGES:
                made.type, made.type_name = kinds.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
            else:
                made.type = kinds.TYPE_STRING if kind == "s" else kinds.TYPE_INT32
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
