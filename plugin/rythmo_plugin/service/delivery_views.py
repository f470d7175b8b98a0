"""The API's values of deliveries: the settings in force, and what a delivery would hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from rythmo.mix import turnover
from rythmo.mix.delivery_loudness import NONE, TARGETS
from rythmo.mix.mix_plan import plan_mix
from rythmo.mix.stretch import Method, is_available
from rythmo.provenance.record import SignedDeliveries, summarise
from rythmo.script.model import Script
from rythmo.settings import Settings
from rythmo_bridge.deliver import plan_names
from rythmo_plugin.service import schema

_MIX = ("loudness", "fill", "room", "stretcher")


def view_choices(chosen: Settings, signed: SignedDeliveries | None) -> schema.DeliveryChoices:
    """Return the settings of deliveries, with the loudness targets and the stretchers that work here."""
    mix = {name: value for name, value in asdict(chosen.mix).items() if name in _MIX}
    return schema.DeliveryChoices(
        settings={
            "mix": mix,
            "subtitles": asdict(chosen.subtitles),
            "turnover": asdict(chosen.turnover),
            "loops": asdict(chosen.loops),
        },
        loudness=[NONE, *TARGETS],
        stretchers=[method.value for method in Method if is_available(method)],
        signing=summarise(signed) if signed else "",
    )


def view_plan(script: Script, formats: Sequence[str], chosen: Settings) -> schema.DeliveryPlan:
    """Return the names of the files that a delivery would write.

    Raises UsageError for an unknown format, and for stem names that make no sense.
    """
    names = list(plan_names(script, formats))
    if chosen.turnover.stems:
        stems = turnover.name_stem_files(script, plan_mix(script), chosen.turnover.template)
        names += [f"{turnover.FOLDER}/{name}" for name in stems.values()]
    return schema.DeliveryPlan(folder=f"deliver/{script.target_language}", files=names)
