"""Edit decision lists (`.edl`) in the CMX 3600 form: reads and writes them."""
