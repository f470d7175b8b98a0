"""The service's worker with the engines of a toy world, in which speech is tones."""

from rythmo.engines import fakes
from rythmo_plugin.service.worker import main

if __name__ == "__main__":
    main(fakes.specs())
