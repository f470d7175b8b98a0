"""`python -m rythmo.cli`."""

import sys

from rythmo.cli.app import main

sys.exit(main())
