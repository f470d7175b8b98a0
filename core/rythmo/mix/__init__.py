"""The mix: a pure plan, rendered in blocks with bounded memory."""
