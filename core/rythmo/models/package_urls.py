"""Parsing of package URLs (purl): `pkg:TYPE/NAME@VERSION?file_name=FILE#MEMBER`."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote


@dataclass(frozen=True, slots=True)
class PackageUrl:
    """A package, or one file in it. `kind` is pypi, npm or huggingface; `name` includes the namespace."""

    kind: str
    name: str
    version: str
    file_name: str = ""
    member: str = ""

    @property
    def package(self) -> str:
        """The URL of the package alone, as in the keys of the catalogue's `archives`."""
        which = f"?file_name={self.file_name}" if self.file_name else ""
        return f"pkg:{self.kind}/{self.name}@{self.version}{which}"


def parse_package_url(text: str) -> PackageUrl:
    """Parse a package URL. Raises ValueError for any other text."""
    scheme, _, rest = text.partition(":")
    path, _, member = rest.partition("#")
    path, _, query = path.partition("?")
    kind, _, full_name = path.partition("/")
    name, _, version = full_name.rpartition("@")
    if scheme != "pkg" or not name or not version:
        raise ValueError(f"{text!r} is not a package URL with a version")
    chosen = parse_qs(query).get("file_name", [""])[0]
    return PackageUrl(kind, unquote(name), unquote(version), chosen, unquote(member))
