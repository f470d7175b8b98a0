"""sync.so, a paid service that moves lips."""
