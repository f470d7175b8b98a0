"""`python -m rythmo`."""

import sys

from rythmo.cli.app import main

sys.exit(main())
