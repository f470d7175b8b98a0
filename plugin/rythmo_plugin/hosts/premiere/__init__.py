"""Premiere: the UXP panel (`panel/`), and the letterbox for machines where it may not speak to loopback."""
