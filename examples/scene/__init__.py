"""How the example scene is made: words, voices, bed, picture, file. See `make_scene.py`."""
