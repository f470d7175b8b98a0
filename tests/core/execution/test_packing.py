"""Values travel between processes whose folders lie elsewhere."""

from pathlib import Path

import pytest

from rythmo.errors import EngineFailedError
from rythmo.execution.packing import pack, unpack
from rythmo.media.scenes import Chunk
from rythmo.stages.separate import Separated


def test_paths_in_the_cache_become_paths_in_the_other_cache(tmp_path):
    here, there = tmp_path / "film.rythmo" / "cache", Path("/node/cache")
    chunk = Separated(Chunk(0, 10), here / "speech" / "k.wav", Path("/elsewhere/b.wav"), "k")
    back = unpack(pack((chunk, {"a": here}), {"cache": here}), {"cache": there})
    assert back == (Separated(chunk.chunk, there / "speech" / "k.wav", chunk.bed, "k"), {"a": there})


def test_what_cannot_travel_is_told(tmp_path):
    with pytest.raises(EngineFailedError, match="another process"):
        pack(lambda: None, {"cache": tmp_path})
