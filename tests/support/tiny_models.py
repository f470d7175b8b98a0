"""Models of random weights, small enough for a test, in the formats that the real libraries load.

They say nonsense. What is tested with them is that our adapters and the real libraries fit together.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

# Nothing may be fetched by accident.
os.environ["HF_HUB_OFFLINE"] = "1"


def quietly(build: Callable[[Path], Path]) -> Callable[[Path], Path]:
    def run(folder: Path) -> Path:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return build(folder)

    return run


@quietly
def whisper(folder: Path) -> Path:
    """A multilingual Whisper of one encoder layer, converted by CTranslate2 itself."""
    from rythmo.engines.devices import load_torch

    torch = load_torch()
    from ctranslate2.converters import TransformersConverter
    from faster_whisper.tokenizer import _LANGUAGE_CODES
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import (
        GenerationConfig,
        PreTrainedTokenizerFast,
        WhisperConfig,
        WhisperForConditionalGeneration,
    )

    torch.manual_seed(0)
    source, target = folder / "source", folder / "faster-whisper-tiny-random"
    source.mkdir(parents=True)
    # CTranslate2 calls a model multilingual if "" is in its vocabulary.
    text = [*sorted(pre_tokenizers.ByteLevel.alphabet()), ""]
    languages = [f"<|{code}|>" for code in _LANGUAGE_CODES]
    special = ["<|endoftext|>", "<|startoftranscript|>", *languages, "<|translate|>", "<|transcribe|>"]
    special += ["<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]
    stamps = [f"<|{n * 0.02:.2f}|>" for n in range(1501)]
    ids = {token: n for n, token in enumerate([*text, *special, *stamps])}
    tokenizer = Tokenizer(models.BPE(vocab=ids, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(special + stamps)
    end = "<|endoftext|>"
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=end, bos_token=end, pad_token=end, unk_token=end
    ).save_pretrained(source)
    common: dict[str, Any] = {"pad_token_id": ids[end], "bos_token_id": ids[end], "eos_token_id": ids[end]}
    common |= {"decoder_start_token_id": ids["<|startoftranscript|>"]}
    begin = [ids["\u0120"], ids[end]]
    config = WhisperConfig(
        vocab_size=len(ids), num_mel_bins=80, d_model=16, encoder_layers=1, decoder_layers=2,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32,
        suppress_tokens=None, begin_suppress_tokens=begin, **common,
    )  # fmt: skip
    model = WhisperForConditionalGeneration(config)
    # Random weights would say nothing but times: let letters and spaces win.
    with torch.no_grad():
        rows = model.model.decoder.embed_tokens.weight
        rows.zero_()
        letters = [ids[letter] for letter in ("\u0120", *"aeiolmnrst")]
        rows[letters] = torch.randn(len(letters), rows.shape[1])
    model.generation_config = GenerationConfig(
        suppress_tokens=[], begin_suppress_tokens=begin, alignment_heads=[[1, 0], [1, 1]],
        lang_to_id={token: ids[token] for token in languages}, **common,
    )  # fmt: skip
    model.save_pretrained(source)
    features = {
        "feature_size": 80,
        "sampling_rate": 16_000,
        "hop_length": 160,
        "chunk_length": 30,
        "n_fft": 400,
    }
    (source / "preprocessor_config.json").write_text(json.dumps(features))
    converter = TransformersConverter(str(source), copy_files=["tokenizer.json", "preprocessor_config.json"])
    converter.convert(str(target), quantization="int8")
    return target


@quietly
def pyannote(folder: Path) -> Path:
    """A diarization pipeline like community-1: segmentation, embedding, PLDA, VBx clustering."""
    os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
    from rythmo.engines.devices import load_torch

    torch = load_torch()
    from pyannote.audio.core.task import Problem, Resolution, Specifications
    from pyannote.audio.models.embedding import XVectorSincNet
    from pyannote.audio.models.segmentation import PyanNet

    def save(model: Any, place: Path) -> None:
        place.mkdir(parents=True)
        model.build()
        about = {
            "versions": {"torch": "2.8.0", "pyannote.audio": "4.0.0"},
            "architecture": {"module": type(model).__module__, "class": type(model).__name__},
            "specifications": model.specifications,
        }
        whole = {"state_dict": model.state_dict(), "hyper_parameters": dict(model.hparams)}
        torch.save(
            whole | {"pytorch-lightning_version": "2.0.0", "pyannote.audio": about},
            place / "pytorch_model.bin",
        )

    torch.manual_seed(0)
    segmentation = PyanNet(
        lstm={"hidden_size": 8, "num_layers": 1}, linear={"hidden_size": 8, "num_layers": 1}
    )
    segmentation.specifications = Specifications(
        problem=Problem.MONO_LABEL_CLASSIFICATION, resolution=Resolution.FRAME, duration=10.0,
        warm_up=(0.0, 0.0), classes=["a", "b", "c"], powerset_max_classes=2, permutation_invariant=True,
    )  # fmt: skip
    save(segmentation, folder / "segmentation")
    embedding = XVectorSincNet(dimension=16)
    embedding.specifications = Specifications(
        problem=Problem.REPRESENTATION,
        resolution=Resolution.CHUNK,
        duration=5.0,
        min_duration=1.0,
        classes=["a", "b"],
    )
    save(embedding, folder / "embedding")
    draw, wide, narrow = np.random.default_rng(0), 16, 8
    (folder / "plda").mkdir()
    lda = draw.normal(size=(wide, narrow))
    np.savez(folder / "plda/xvec_transform.npz", mean1=np.zeros(wide), mean2=np.zeros(narrow), lda=lda)
    turned = np.eye(narrow) + 0.01 * draw.normal(size=(narrow, narrow))
    np.savez(folder / "plda/plda.npz", mu=np.zeros(narrow), tr=turned, psi=np.linspace(2, 1, narrow))
    parts = {"segmentation": "$model/segmentation", "embedding": "$model/embedding", "plda": "$model/plda"}
    more = {"clustering": "VBxClustering", "segmentation_step": 0.5, "embedding_exclude_overlap": True}
    config = {
        "dependencies": {"pyannote.audio": "4.0.0"},
        "pipeline": {"name": "pyannote.audio.pipelines.SpeakerDiarization", "params": parts | more},
        "params": {
            "clustering": {"threshold": 0.6, "Fa": 0.07, "Fb": 0.8},
            "segmentation": {"min_duration_off": 0.0},
        },
    }
    # JSON is YAML.
    (folder / "config.yaml").write_text(json.dumps(config))
    return folder


@quietly
def demucs(folder: Path) -> Path:
    """A Hybrid Transformer Demucs of four channels."""
    from rythmo.engines.devices import load_torch

    torch = load_torch()
    from demucs.htdemucs import HTDemucs
    from demucs.states import get_state, save_with_checksum

    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    model = HTDemucs(
        sources=["drums", "bass", "other", "vocals"], channels=4, growth=1, depth=4, t_layers=1, t_heads=2,
        t_hidden_scale=1.0, norm_groups=2, dconv_comp=2, dconv_depth=1, segment=Fraction(2),
    )  # fmt: skip
    positional, named = model._init_args_kwargs
    package = {"klass": HTDemucs, "args": positional, "kwargs": named, "training_args": {}}
    save_with_checksum(package | {"state": get_state(model, None, half=True)}, folder / "tiny.th")
    (folder / "htdemucs.yaml").write_text("models: ['tiny']\n")
    return folder
