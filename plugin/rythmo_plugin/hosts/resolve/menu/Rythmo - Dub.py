# Dubs the timeline that is open.
# `rythmo install resolve` fills in the three constants.
import os
import sys

RYTHMO_HOME = ""
RYTHMO_START = ""
RYTHMO_LIB = ""

sys.path.insert(0, RYTHMO_LIB)
sys.dont_write_bytecode = True
# Resolve may keep modules between two runs: an update must be seen.
for name in [name for name in sys.modules if name.partition(".")[0] == "rythmo_resolve"]:
    del sys.modules[name]
import rythmo_resolve

home = os.environ.get("RYTHMO_HOME") or RYTHMO_HOME
rythmo_resolve.main("dub", home, RYTHMO_START, globals().get("resolve"), getattr(sys, "argv", [])[1:])
