"""Find Rythmo's service by the file that it writes, start it if necessary, and call it."""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from typing import List, Optional, Sequence

from .wire import Line, TroubleError, decode, encode

START_SECONDS = 60
CALL_SECONDS = 600
# Resolve sets these for itself. A Python or a browser that inherits them would load the wrong libraries.
FOREIGN = ("PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "QT_PLUGIN_PATH")


class Service:
    """Rythmo's service on this machine."""

    def __init__(self, home: str, start: str) -> None:
        self.file = os.path.join(home, "service.json")
        self.start = start
        # Calls to this machine must not go through the system's proxy.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(self, path: str, lines: Optional[Sequence[Line]] = None) -> List[Line]:
        """Post lines (or GET without lines) and return the response's lines.

        Raises TroubleError with the service's message.
        """
        with open(self.file, encoding="utf-8") as file:
            said = json.load(file)
        head = {"Authorization": "Bearer " + said["token"], "Content-Type": "text/plain; charset=utf-8"}
        body = None if lines is None else encode(lines)
        request = urllib.request.Request(said["address"] + "/api/v1" + path, data=body, headers=head)
        try:
            with self.opener.open(request, timeout=CALL_SECONDS) as answer:
                return decode(answer.read())
        except urllib.error.HTTPError as error:
            raise TroubleError(told(error)) from error

    def ready(self) -> bool:
        """Return whether the service answers."""
        try:
            self.call("/service")
        except (OSError, ValueError, KeyError, TroubleError):
            return False
        return True

    def ensure(self) -> None:
        """Start the service if necessary, and wait until it answers."""
        if self.ready():
            return
        if not self.start:
            raise TroubleError("Rythmo is not running. Start it (rythmo serve), then run this script again.")
        launch(self.start)
        until = time.time() + START_SECONDS
        while time.time() < until:
            if self.ready():
                return
            time.sleep(0.3)
        raise TroubleError("Rythmo did not start within a minute. Try in a terminal: " + self.start)


def launch(command: str) -> None:
    """Start the service so that it outlives this script and Resolve."""
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    if os.name == "nt":
        hidden = 0x08000000 | 0x00000200  # CREATE_NO_WINDOW, CREATE_NEW_PROCESS_GROUP
        subprocess.Popen(command, env=environment, creationflags=hidden)
    else:
        # Through a shell that ends at once, so that the service is not a child of Resolve.
        quiet = "(" + command + ") </dev/null >/dev/null 2>&1 &"
        subprocess.call(["/bin/sh", "-c", quiet], env=environment, start_new_session=True)


def told(error: urllib.error.HTTPError) -> str:
    """Return the service's error message with its hint."""
    try:
        with error:
            said = json.loads(error.read().decode("utf-8"))["error"]
        return "{} {}".format(said.get("message", ""), said.get("hint", "")).strip()
    except (ValueError, KeyError, AttributeError):
        return f"Rythmo answered {error}."
