"""Lips from the person's own frames, after Video Rewrite (Bregler, Covell, Slaney, SIGGRAPH 1997)."""
