"""The API's values of deliveries: the settings in force, and what a delivery would hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from rythmo.engines import registry
from rythmo.engines.base import EngineSpec, Kind
from rythmo.errors import RythmoError
from rythmo.mix import turnover
from rythmo.mix.delivery_loudness import NONE, TARGETS
from rythmo.mix.mix_plan import plan_mix
from rythmo.mix.stretch import Method, is_available
from rythmo.provenance import machine_certificate
from rythmo.provenance.credentials import load_credentials
from rythmo.provenance.disclosure import word_disclosure
from rythmo.provenance.library import INSTALL, is_installed
from rythmo.provenance.provenance_settings import ProvenanceSettings
from rythmo.provenance.record import SignedDeliveries, summarise
from rythmo.script.model import Script
from rythmo.settings import Settings
from rythmo_bridge.deliver import plan_names
from rythmo_plugin.service import schema

_MIX = ("loudness", "fill", "room", "stretcher")


def view_choices(chosen: Settings, signed: SignedDeliveries | None, language: str) -> schema.DeliveryChoices:
    """Return the settings of deliveries in a language, with the words that work for them here."""
    mix = {name: value for name, value in asdict(chosen.mix).items() if name in _MIX}
    return schema.DeliveryChoices(
        settings={
            "mix": mix,
            "subtitles": asdict(chosen.subtitles),
            "turnover": asdict(chosen.turnover),
            "loops": asdict(chosen.loops),
            "provenance": {"sign": chosen.provenance.sign, "disclosure": chosen.provenance.disclosure},
            "engines": {"watermark": chosen.engines.watermark},
        },
        loudness=[NONE, *TARGETS],
        stretchers=[method.value for method in Method if is_available(method)],
        signing=summarise(signed) if signed else "",
        marking=_view_marking(chosen, language),
    )


def _view_marking(chosen: Settings, language: str) -> schema.MarkingChoices:
    own = word_disclosure(language, chosen.provenance)
    usual = word_disclosure(language, ProvenanceSettings())
    return schema.MarkingChoices(
        signer=_describe_signer(chosen.provenance),
        command="" if is_installed() else INSTALL,
        watermarks=[_view_watermark(spec, chosen) for spec in registry.installed()[Kind.WATERMARK]],
        disclosure=own,
        own_words=own != usual,
    )


def _describe_signer(chosen: ProvenanceSettings) -> str:
    """Say who signs, without making anything."""
    if not is_installed():
        return "Signing needs c2pa-python."
    if chosen.certificate or chosen.key:
        try:
            return (
                f"Signed by {load_credentials(chosen.certificate, chosen.key).name}, with your certificate."
            )
        except RythmoError as error:
            return f"{error.message} {error.hint}".strip()
    if machine_certificate.read_machine_chain():
        return "Signed with the certificate that was made on this machine. Elsewhere its signer is unknown."
    return "A certificate is made on this machine for the first delivery. Elsewhere its signer is unknown."


def _view_watermark(spec: EngineSpec, chosen: Settings) -> schema.WatermarkFacts:
    lacking = registry.missing(spec, registry.options_of(chosen.options, Kind.WATERMARK, spec.info.name))
    commands = " && ".join(dict.fromkeys(part.command for part in lacking))
    return schema.WatermarkFacts(name=spec.info.name, summary=spec.info.summary, command=commands)


def view_plan(script: Script, formats: Sequence[str], chosen: Settings) -> schema.DeliveryPlan:
    """Return the names of the files that a delivery would write.

    Raises UsageError for an unknown format, and for stem names that make no sense.
    """
    names = list(plan_names(script, formats))
    if chosen.turnover.stems:
        stems = turnover.name_stem_files(script, plan_mix(script), chosen.turnover.template)
        names += [f"{turnover.FOLDER}/{name}" for name in stems.values()]
    return schema.DeliveryPlan(folder=f"deliver/{script.target_language}", files=names)
