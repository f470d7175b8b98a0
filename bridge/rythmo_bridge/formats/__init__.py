"""One module per timeline format; `registry` finds them through the entry-point group `rythmo.formats`."""
