"""The service's worker with the engines of a toy world, in which speech is tones.

    toy_worker.py [--home=FOLDER] [--bill=FILE] [--signed] LOCK

With a bill its engines cost money. It signs deliveries only when told. Where a nursery runs it only stands
for a worker that is forked there.
"""

from __future__ import annotations

import os
import sys


def work(words: list[str]) -> None:
    """Work until the input ends."""
    import paid_worker
    import unsigned

    from rythmo.engines import fakes
    from rythmo_plugin.service.worker import main

    engines, signed = fakes.specs(), False
    for word in words:
        name, _, value = word.partition("=")
        if name == "--home":
            # The home of the service that it belongs to, whatever the test at hand has in the environment.
            os.environ["RYTHMO_HOME"] = value
        if name == "--bill":
            engines = paid_worker.specs(value)
        signed |= name == "--signed"
    sys.argv = ["worker", words[-1]]
    # Nothing real listens to tones, as Whisper would in quality control. Tests of models name a folder.
    os.environ.setdefault("RYTHMO_MODELS", os.devnull)
    if not signed:
        unsigned.switch_signing_off()
    main(engines)


if __name__ == "__main__":
    nursery = os.environ.get("RYTHMO_TEST_NURSERY")
    if nursery:
        from forked_worker import stand_in

        stand_in(nursery, sys.argv[1:])
    else:
        work(sys.argv[1:])
