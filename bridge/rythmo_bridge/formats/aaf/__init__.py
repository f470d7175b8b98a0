"""AAF (`.aaf`): reads what Avid, Pro Tools, Premiere and Resolve write, and writes for all of them."""
