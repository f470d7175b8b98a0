"""The npm registry that this machine uses, from the environment, the user's .npmrc, or npm itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from rythmo.models.connections import PLAIN, Access

PUBLIC_REGISTRY = "https://registry.npmjs.org/"
_NPM_SECONDS = 20
_VARIABLE = re.compile(r"\$\{([^}]+)\}")


@dataclass(frozen=True, slots=True)
class NpmSettings:
    """The npm registry, and how to reach it."""

    registry: str = PUBLIC_REGISTRY
    access: Access = PLAIN


def read_npm_settings(environment: Mapping[str, str] = os.environ) -> NpmSettings:
    """Read npm's configuration. npm itself doesn't have to be installed."""
    values = _read_file(Path(environment.get("NPM_CONFIG_USERCONFIG") or Path.home() / ".npmrc"), environment)
    for name, value in environment.items():
        if name.lower().startswith("npm_config_") and value:
            values[name[len("npm_config_") :].lower().replace("_", "-")] = value
    registry = values.get("registry") or _ask_npm("registry") or PUBLIC_REGISTRY
    registry = registry.rstrip("/") + "/"
    return NpmSettings(registry, _access(values, registry, environment))


def _access(values: Mapping[str, str], registry: str, environment: Mapping[str, str]) -> Access:
    # In .npmrc, settings of one registry begin with //host/path/.
    key = registry.partition(":")[2]
    token, login = values.get(f"{key}:_authtoken", ""), values.get(f"{key}:_auth", "")
    strict = values.get("strict-ssl", "true").lower() != "false"
    proxy = values.get("https-proxy") if registry.startswith("https:") else values.get("proxy")
    return Access(
        cafile=values.get("cafile") or environment.get("NODE_EXTRA_CA_CERTS", ""),
        proxy=proxy if proxy and proxy not in {"null", "false"} else "",
        authorization=f"Bearer {token}" if token else f"Basic {login}" if login else "",
        trusted_hosts=frozenset() if strict else frozenset({urlsplit(registry).hostname or ""}),
    )


def _read_file(path: Path, environment: Mapping[str, str]) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    found: dict[str, str] = {}
    for line in lines:
        name, equals, value = line.partition("=")
        if equals and not line.lstrip().startswith(("#", ";")):
            filled = _VARIABLE.sub(lambda match: environment.get(match[1], match[0]), value.strip())
            found[name.strip().lower()] = filled.strip("\"'")
    return found


def _ask_npm(name: str) -> str:
    """Ask npm, if it is installed, because its own installation has configuration files too."""
    npm = shutil.which("npm")
    if npm is None:
        return ""
    try:
        answer = subprocess.run(  # noqa: S603 - the program that PATH names, and no user's text
            [npm, "config", "get", name],
            capture_output=True,
            text=True,
            timeout=_NPM_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    value = answer.stdout.strip()
    return value if answer.returncode == 0 and value not in {"undefined", "null"} else ""
