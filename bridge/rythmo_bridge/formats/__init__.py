"""Timeline formats, one module or package for each; `registry` finds them through `rythmo.formats`."""
