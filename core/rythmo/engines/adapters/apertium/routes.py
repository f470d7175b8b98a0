"""Routes between languages over Apertium's installed modes: a pure graph search."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_ISO = {
    "afr": "af", "arg": "an", "bel": "be", "bul": "bg", "cat": "ca", "dan": "da", "eng": "en", "epo": "eo",
    "eus": "eu", "fra": "fr", "glg": "gl", "ind": "id", "isl": "is", "ita": "it", "mkd": "mk", "nld": "nl",
    "nno": "nn", "nob": "nb", "oci": "oc", "pol": "pl", "por": "pt", "ron": "ro", "rus": "ru", "slv": "sl",
    "spa": "es", "swe": "sv", "ukr": "uk", "zlm": "ms",
}  # fmt: skip
_MODE = re.compile(r"([a-z]{2,3})-([a-z]{2,3})(?:_([A-Z]{2}))?\Z")
# At most one pivot language: after a second one, little of the line's meaning is left.
_MOST_HOPS = 2

DEBIAN: Mapping[tuple[str, str], str] = {
    ("en", "es"): "apertium-eng-spa", ("es", "en"): "apertium-eng-spa",
    ("en", "ca"): "apertium-eng-cat", ("ca", "en"): "apertium-eng-cat",
    ("en", "gl"): "apertium-en-gl", ("gl", "en"): "apertium-en-gl",
    ("en", "eo"): "apertium-eo-en", ("eo", "en"): "apertium-eo-en",
    ("es", "fr"): "apertium-fr-es", ("fr", "es"): "apertium-fr-es",
    ("es", "pt"): "apertium-es-pt", ("pt", "es"): "apertium-es-pt", ("es", "pt-br"): "apertium-es-pt",
    ("es", "it"): "apertium-spa-ita", ("it", "es"): "apertium-spa-ita",
    ("es", "ro"): "apertium-es-ro", ("ro", "es"): "apertium-es-ro",
    ("es", "ca"): "apertium-spa-cat", ("ca", "es"): "apertium-spa-cat",
    ("es", "gl"): "apertium-es-gl", ("gl", "es"): "apertium-es-gl",
    ("fr", "ca"): "apertium-fra-cat", ("ca", "fr"): "apertium-fra-cat",
    ("pt", "ca"): "apertium-por-cat", ("ca", "pt"): "apertium-por-cat",
    ("pt", "gl"): "apertium-pt-gl", ("gl", "pt"): "apertium-pt-gl",
    ("it", "ca"): "apertium-cat-ita", ("ca", "it"): "apertium-cat-ita",
    ("eu", "es"): "apertium-eu-es", ("eu", "en"): "apertium-eu-en",
}  # fmt: skip
"""(source, target) -> the Debian and Ubuntu package that contains the pair."""

USUAL = (
    "apertium", "apertium-eng-spa", "apertium-eng-cat", "apertium-en-gl", "apertium-eo-en", "apertium-fr-es",
    "apertium-es-pt", "apertium-spa-ita", "apertium-es-ro",
)  # fmt: skip
"""The packages that translate from English to all other languages that the engine declares."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a route: its two languages and the name of Apertium's mode."""

    source: str
    target: str
    mode: str


def normalize_tag(tag: str) -> str:
    """Return a language tag in lower case with `-` as the separator; the region is kept."""
    return tag.strip().lower().replace("_", "-")


def parse_modes(modes: Iterable[str]) -> tuple[Hop, ...]:
    """Return a hop for each translation mode that `apertium -l` lists, without dialect and test modes."""
    found: dict[tuple[str, str], Hop] = {}
    for mode in sorted(modes):
        match = _MODE.match(mode)
        if not match:
            continue
        source, target = (_ISO.get(code, code) for code in match.group(1, 2))
        if match.group(3):
            target = f"{target}-{match.group(3).lower()}"
        if len(source) == 2 and len(target.split("-")[0]) == 2:
            found.setdefault((source, target), Hop(source, target, mode))
    return tuple(found.values())


def find_shortest_route(hops: Iterable[Hop], source: str, target: str) -> tuple[Hop, ...] | None:
    """Return the shortest route with at most one pivot, or None when there is none.

    Of routes of the same length, one through Spanish is preferred, then the first by name. A region that no
    mode knows (es-419, en-GB) is translated as its language.
    """
    every = tuple(hops)
    for start in _broader(source):
        for end in _broader(target):
            way = _shortest(every, start, end)
            if way:
                return way
    return None


def _broader(tag: str) -> tuple[str, ...]:
    exact = normalize_tag(tag)
    return tuple(dict.fromkeys((exact, exact.split("-")[0])))


def _shortest(hops: tuple[Hop, ...], source: str, target: str) -> tuple[Hop, ...] | None:
    ways: list[tuple[Hop, ...]] = [(hop,) for hop in hops if hop.source == source]
    for _ in range(_MOST_HOPS):
        arrived = [way for way in ways if way[-1].target == target]
        if arrived:
            return min(arrived, key=lambda way: (way[0].target != "es", [hop.mode for hop in way]))
        ways = [
            (*way, hop)
            for way in ways
            for hop in hops
            if hop.source == way[-1].target and hop.target != source
        ]
    return None


def list_reachable_pairs(hops: Iterable[Hop]) -> frozenset[tuple[str, str]]:
    """Return all (source, target) pairs that have a route."""
    every = tuple(hops)
    direct = {(hop.source, hop.target) for hop in every}
    pivoted = {(a.source, b.target) for a in every for b in every if a.target == b.source}
    return frozenset(pair for pair in direct | pivoted if pair[0] != pair[1].split("-")[0])


def find_packages(source: str, target: str, installed: Iterable[Hop]) -> tuple[str, ...]:
    """Return the Debian packages still needed for a route; empty when no package would give one."""
    have = {(hop.source, hop.target): hop for hop in installed}
    possible = {pair: have.get(pair, Hop(*pair, mode="~")) for pair in {*DEBIAN, *have}}
    way = find_shortest_route(possible.values(), source, target) or ()
    return tuple(dict.fromkeys(DEBIAN[hop.source, hop.target] for hop in way if hop.mode == "~"))
