"""A claim as a C2PA manifest definition. Pure: the same claim gives the same definition."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from rythmo.provenance.claims import SOURCE_TYPES, WATERMARK, Claim, Origin, PartEdit

LABEL = "org.rythmodub.statement"
"""The label of our own assertion, which says in full what C2PA's actions have no words for."""


def build_manifest(claim: Claim, media_type: str, key: str) -> dict[str, Any]:
    """Return the manifest definition. `key` identifies content and claim; the manifest's name follows from
    it."""
    # C2PA takes random UUIDs only (version 4), so the hash is given that form.
    name = uuid.UUID(bytes=hashlib.sha256(key.encode()).digest()[:16], version=4)
    program, version = claim.product
    return {
        "claim_version": 2,
        "label": f"urn:c2pa:{name}",
        "instance_id": f"xmp:iid:{name}",
        "title": claim.title,
        "format": media_type,
        "claim_generator_info": [{"name": program, "version": version}],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": _list_actions(claim)}},
            {"label": LABEL, "data": dict(claim.facts), "kind": "Json"},
        ],
    }


def build_ingredient(origin: Origin) -> dict[str, Any]:
    """Return the definition of an ingredient, with the hash of its file."""
    told: dict[str, Any] = {
        "title": origin.title,
        "format": origin.media_type or "application/octet-stream",
        "relationship": _name_relation(origin),
    }
    if origin.sha256:
        told |= {"instance_id": f"sha256:{origin.sha256}", "description": f"sha256 {origin.sha256}"}
    return told


def _name_relation(origin: Origin) -> str:
    if origin.parent:
        return "parentOf"
    return "inputTo" if origin.guide else "componentOf"


def _list_actions(claim: Claim) -> list[dict[str, Any]]:
    """Return the actions; the library puts `c2pa.opened` before those of an edited file."""
    name, version = claim.agent
    agent = {"name": name, **({"version": version} if version else {})}
    kind = SOURCE_TYPES + claim.source_type
    verb = "c2pa.edited" if claim.edited else "c2pa.created"
    # The file as a whole stands last among those with a source type: readers take that one.
    actions: list[dict[str, Any]] = [_describe_part(part) for part in claim.parts]
    actions += [{"action": verb, "digitalSourceType": kind, "softwareAgent": agent}]
    if claim.languages:
        source, target = claim.languages
        languages = {"sourceLanguage": source, "targetLanguage": target}
        actions.append({"action": "c2pa.translated", "softwareAgent": agent, "parameters": languages})
    if stamp := str(claim.facts.get(WATERMARK, "")):
        name, _, version = stamp.partition(" ")
        # Unbound: the mark says that a machine spoke, and leads to no manifest.
        marking = {"action": "c2pa.watermarked.unbound", "softwareAgent": {"name": name, "version": version}}
        actions.append(marking)
    return actions


def _describe_part(part: PartEdit) -> dict[str, Any]:
    """Return the action of an edit of some stretches, as C2PA's regions of time."""
    name, version = part.agent
    told = {
        "action": "c2pa.edited",
        "digitalSourceType": SOURCE_TYPES + part.source_type,
        "softwareAgent": {"name": name, **({"version": version} if version else {})},
        "description": part.description,
    }
    region = [
        {"type": "temporal", "time": {"type": "npt", "start": f"{start:.3f}", "end": f"{end:.3f}"}}
        for start, end in part.stretches
    ]
    return told | ({"changes": [{"region": region}]} if region else {})
