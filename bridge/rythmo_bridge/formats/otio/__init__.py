"""OpenTimelineIO (`.otio`): reads and writes it, in the flavours of the hosts."""
