"""The service's worker with the engines of a toy world, in which speech is tones."""

import os
import sys

from rythmo.engines import fakes
from rythmo_plugin.service.worker import main

if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1].startswith("--home="):
        # The home of the service that it belongs to, whatever the test at hand has in the environment.
        os.environ["RYTHMO_HOME"] = sys.argv.pop(1).removeprefix("--home=")
    main(fakes.specs())
