"""Builds XML as text: elements are strings, so a document of 100000 clips costs little more than its
letters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN = re.compile(r"[^&<>\x00-\x1f\ud800-\udfff\ufffe\uffff]*").fullmatch
_EMPTY: Mapping[str, object] = {}


def leaf(name: str, value: object = "", attributes: Mapping[str, object] = _EMPTY) -> str:
    """Return `<name>value</name>` on a line of its own. Characters that XML cannot hold are dropped."""
    body = text(str(value))
    if not body:
        return f"<{name}{_attributes(attributes)}/>\n"
    return f"<{name}{_attributes(attributes)}>{body}</{name}>\n"


def inline(name: str, body: str, attributes: Mapping[str, object] = _EMPTY) -> str:
    """Return an element whose body is markup that stays on the same line."""
    return f"<{name}{_attributes(attributes)}>{body}</{name}>\n"


def text(value: str) -> str:
    """Return the value as escaped XML text."""
    return value if _PLAIN(value) else escape(legal(value), _BREAKS)


def element(name: str, *children: str, attributes: Mapping[str, object] = _EMPTY) -> str:
    """Return an element around others. Attributes of None are left out."""
    body = "".join(children)
    if not body:
        return f"<{name}{_attributes(attributes)}/>\n"
    return f"<{name}{_attributes(attributes)}>\n{body}</{name}>\n"


def document(root: str, *, doctype: str = "") -> bytes:
    """Return the file: declaration, document type, and the root indented by two spaces a level."""
    head = '<?xml version="1.0" encoding="UTF-8"?>\n' + (f"<!DOCTYPE {doctype}>\n" if doctype else "")
    return (head + "".join(_indented(root))).encode()


def legal(value: str) -> str:
    """Return the text without what XML 1.0 cannot represent (most control characters, lone surrogates)."""
    return value if value.isprintable() else _ILLEGAL.sub("", value)


_BREAKS = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def _attributes(attributes: Mapping[str, object]) -> str:
    if not attributes:
        return ""
    return "".join(
        [f" {name}={_quoted(str(value))}" for name, value in attributes.items() if value is not None]
    )


def _quoted(value: str) -> str:
    return f'"{value}"' if '"' not in value and _PLAIN(value) else quoteattr(legal(value))


def _indented(root: str) -> list[str]:
    lines = []
    depth = 0
    # Every line is an opening tag, a closing tag, or a whole element: line breaks in text are escaped.
    for line in root.split("\n")[:-1]:
        if line[1] == "/":
            depth -= 1
            lines.append(f"{'  ' * depth}{line}\n")
        else:
            lines.append(f"{'  ' * depth}{line}\n")
            if line[-2] != "/" and "</" not in line:
                depth += 1
    return lines
