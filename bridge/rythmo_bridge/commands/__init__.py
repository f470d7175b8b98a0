"""The commands that the bridge adds to the command line, through the entry points `rythmo.commands`."""
