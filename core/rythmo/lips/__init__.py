"""Lips that follow the dub: what is worked on, where it lies in the picture, how it is put there. Pure."""
