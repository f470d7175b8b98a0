"""The conversation with the service: execute its steps until it sends `end`."""

import time
from typing import Any, Dict, List, Sequence, Tuple

from .host import Host, found_resolve
from .service import Service
from .wire import Line, TroubleError


def talk(service: Service, host: Host, action: str, wants: Dict[str, str]) -> Tuple[str, str]:
    """Hold a conversation, and return its final state and message."""
    answer = service.call("/hosts/resolve/sessions", host.hello(action, wants))
    session = next(step[1] for step in answer if step[0] == "session")
    turn = 0
    while True:
        reports = []
        for step in answer:
            if step[0] == "end":
                return step[1], step[2]
            if step[0] != "session":
                reports += host.do(step)
        turn += 1
        answer = again(service, f"/hosts/sessions/{session}/turns/{turn}", reports)


def again(service: Service, path: str, reports: List[Line]) -> List[Line]:
    """Send a turn, and again if the call fails: a turn that is sent twice gets the same answer."""
    for pause in (1, 1):
        try:
            return service.call(path, reports)
        except OSError:
            time.sleep(pause)
    try:
        return service.call(path, reports)
    except OSError as error:
        raise TroubleError("Rythmo was closed. Run the script again: finished work is kept.") from error


def main(action: str, home: str, start: str, resolve: Any = None, arguments: Sequence[str] = ()) -> int:
    """Run one menu entry, and return 0 if everything is in place, else 1.

    `arguments` like language=es, source_language=en, mode=add answer in advance what the page would ask.
    """
    wants = dict(word.split("=", 1) for word in arguments if "=" in word)
    try:
        host = Host(found_resolve(resolve))
        service = Service(home, start)
        service.ensure()
        state, text = talk(service, host, action, wants)
    except TroubleError as trouble:
        state, text = "failed", str(trouble)
    print("Rythmo: " + text)
    return 0 if state == "done" else 1
