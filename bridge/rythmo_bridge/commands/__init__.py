"""Commands that the bridge adds to the command line, by the entry points `rythmo.commands`."""
