"""The mix: planned purely, rendered in blocks with bounded memory."""
