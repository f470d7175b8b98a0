"""Routes about the machine and the installation: service, engines, doctor, formats, languages."""

from __future__ import annotations

import re

import msgspec

from rythmo import languages
from rythmo.cli.doctor import check_machine
from rythmo.cli.engines import as_data
from rythmo.engines import registry
from rythmo.engines.base import EngineSpec, Kind
from rythmo.engines.pool import EnginePool
from rythmo.errors import RythmoError
from rythmo.version import __version__
from rythmo_bridge.formats.features import ALL
from rythmo_bridge.formats.registry import formats
from rythmo_plugin.service import example, schema
from rythmo_plugin.service.api_errors import ApiError
from rythmo_plugin.service.routing import Call, Routes
from rythmo_plugin.service.services import Services

ROUTES = Routes()
_COMMAND = re.compile(r"`([^`]+)`|(?:^|: )((?:pip|uv|sudo|apt|brew) .+)$")


@ROUTES.add("GET", "/service", "Facts about the service", gives=schema.ServiceFacts)
def service(services: Services, call: Call) -> schema.ServiceFacts:
    """Return the version, the port, the example, and whether this is the first use."""
    found = example.find_example()
    return schema.ServiceFacts(
        version=__version__,
        ready=True,
        port=services.settings.port,
        example=str(found) if found else None,
        first_use=not services.database.projects(),
    )


@ROUTES.add("POST", "/codes", "A code that opens the page once", gives=schema.EntryCode, status=201)
def make_code(services: Services, call: Call) -> schema.EntryCode:
    """Make a code for starting a browser, whose command line other users can read."""
    return schema.EntryCode(code=services.codes.make())


@ROUTES.add("POST", "/enter", "Exchange a code for the token", body=schema.EnterAsked, gives=schema.Entered)
def enter(services: Services, call: Call) -> schema.Entered:
    """Return the token for a valid code. Needs no token. Raises ApiError (401) for any other code."""
    if not services.codes.use(call.body.code):
        raise ApiError(
            401,
            "token",
            "This address has been used already.",
            hint="Open the page again with `rythmo serve`.",
        )
    return schema.Entered(token=services.settings.token)


@ROUTES.add("GET", "/engines", "The engines, and how to get those that are missing", gives=schema.Engines)
def engines(services: Services, call: Call) -> schema.Engines:
    """Return the data of `rythmo engines --json`, with what each engine needs to be ready."""
    return schema.Engines(engines=[_engine(spec) for kind in Kind for spec in registry.installed()[kind]])


def _engine(spec: EngineSpec) -> schema.EngineFacts:
    data = as_data(spec)
    missing = data["missing"]
    summed = {
        "ready": not missing,
        "why": ", ".join(part["what"] for part in missing),
        "command": next((part["command"] for part in missing), ""),
    }
    return msgspec.convert({**data, **summed}, schema.EngineFacts)


@ROUTES.add("GET", "/doctor", "Is this machine ready", gives=schema.Checks)
def doctor(services: Services, call: Call) -> schema.Checks:
    """Run the checks of `rythmo doctor --json`."""
    checks = []
    for check in check_machine(services.places.out()):
        command = _COMMAND.search(check.todo)
        checks.append(
            schema.Check(
                name=check.name,
                ok=check.ok,
                text=check.found,
                hint=check.todo,
                command=(command.group(1) or command.group(2)) if command else "",
            )
        )
    return schema.Checks(checks=checks)


@ROUTES.add("GET", "/formats", "What can be delivered", gives=list[schema.FormatFacts])
def list_formats(services: Services, call: Call) -> list[schema.FormatFacts]:
    """Return the formats that can be written."""
    return [
        schema.FormatFacts(
            name=form.name,
            suffix=form.suffix,
            title=form.summary,
            timeline=form.timeline,
            loops=form.loops,
            loses=sorted(str(feature) for feature in ALL - form.keeps - set(form.partly))
            if form.timeline
            else [],
        )
        for form in formats().values()
        if form.write is not None
    ]


@ROUTES.add("GET", "/languages", "Target languages that work here", gives=list[schema.LanguageFacts])
def list_languages(services: Services, call: Call) -> list[schema.LanguageFacts]:
    """Return the languages that an engine on this machine can translate into or speak."""
    sources: dict[str, set[str]] = {}
    for source, target in _language_pairs():
        sources.setdefault(target, set()).add(source)
    spoken = {
        code
        for spec in _ready_engines(Kind.VOICE)
        for code in spec.info.languages or languages.language_names()
    }
    return [
        schema.LanguageFacts(
            code=code, name=name, translate_from=sorted(sources.get(code, ())), voice=code in spoken
        )
        for code, name in sorted(languages.language_names().items(), key=lambda item: item[1])
        if code in sources or code in spoken
    ]


def _ready_engines(kind: Kind) -> list[EngineSpec]:
    """Return the engines that "auto" may choose: ready, and sending nothing off this machine."""
    return [spec for spec in registry.installed()[kind] if spec.info.local and not spec.missing()]


def _language_pairs() -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for spec in _ready_engines(Kind.TRANSLATOR):
        with EnginePool(given={Kind.TRANSLATOR: spec}) as pool:
            try:
                found |= pool.translator("").pairs()
            except RythmoError:
                continue
    return found
