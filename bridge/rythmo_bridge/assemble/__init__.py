"""Input from a timeline: its media found, its own sound assembled, its picture one film."""
