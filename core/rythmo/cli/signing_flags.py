"""The flags about signing, shared by `rythmo dub` and `rythmo deliver`."""

from __future__ import annotations

import argparse
import os
from typing import Any

from rythmo.errors import UsageError


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    group = parser.add_argument_group(
        "provenance", "Deliveries are signed (C2PA), by default with a certificate made on this machine."
    )
    group.add_argument(
        "--sign", metavar="CERT,KEY", help="sign with your own certificate chain and key, two PEM files"
    )
    group.add_argument("--no-sign", action="store_true", help="do not sign this delivery")
    group.add_argument("--timestamp", metavar="URL", help="also ask this timestamp authority for the time")
    group.add_argument(
        "--watermark",
        metavar="NAME",
        help="put an inaudible mark into what engines speak: perth, auto (the best that is ready) or off",
    )
    group.add_argument(
        "--disclosure",
        metavar="PLACES",
        help="where it is said in words that voices are a machine's: report,subtitles,card (default: report)",
    )


def read_flags(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the flags as changes of `ProvenanceSettings`.

    Raises UsageError for --sign with something else than two names, or together with --no-sign.
    """
    changes: dict[str, Any] = {"timestamp": arguments.timestamp, "disclosure": arguments.disclosure}
    if arguments.sign and arguments.no_sign:
        raise UsageError("--sign and --no-sign contradict each other.", hint="Use one of them.")
    if arguments.no_sign:
        return changes | {"sign": False}
    if not arguments.sign:
        return changes
    certificate, comma, key = arguments.sign.partition(",")
    if not (comma and certificate and key):
        raise UsageError(
            f"--sign {arguments.sign} is not CERT,KEY.", hint="For example --sign studio.pem,studio-key.pem."
        )
    absolute = [os.path.abspath(name.strip()) for name in (certificate, key)]  # noqa: PTH100 - resolve() would follow links
    return changes | {"sign": True, "certificate": absolute[0], "key": absolute[1]}
