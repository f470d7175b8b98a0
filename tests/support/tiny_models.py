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
    from rythmo.engines.local.devices import load_torch

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
        vocab_size=len(ids),
        num_mel_bins=80,
        d_model=16,
        encoder_layers=1,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        suppress_tokens=None,
        begin_suppress_tokens=begin,
        **common,
    )
    model = WhisperForConditionalGeneration(config)
    # Random weights would say nothing but times: let letters and spaces win.
    with torch.no_grad():
        rows = model.model.decoder.embed_tokens.weight
        rows.zero_()
        letters = [ids[letter] for letter in ("\u0120", *"aeiolmnrst")]
        rows[letters] = torch.randn(len(letters), rows.shape[1])
    model.generation_config = GenerationConfig(
        suppress_tokens=[],
        begin_suppress_tokens=begin,
        alignment_heads=[[1, 0], [1, 1]],
        lang_to_id={token: ids[token] for token in languages},
        **common,
    )
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
    from rythmo.engines.local.devices import load_torch

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
        problem=Problem.MONO_LABEL_CLASSIFICATION,
        resolution=Resolution.FRAME,
        duration=10.0,
        warm_up=(0.0, 0.0),
        classes=["a", "b", "c"],
        powerset_max_classes=2,
        permutation_invariant=True,
    )
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
    from rythmo.engines.local.devices import load_torch

    torch = load_torch()
    from demucs.htdemucs import HTDemucs
    from demucs.states import get_state, save_with_checksum

    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    model = HTDemucs(
        sources=["drums", "bass", "other", "vocals"],
        channels=4,
        growth=1,
        depth=4,
        t_layers=1,
        t_heads=2,
        t_hidden_scale=1.0,
        norm_groups=2,
        dconv_comp=2,
        dconv_depth=1,
        segment=Fraction(2),
    )
    positional, named = model._init_args_kwargs
    package = {"klass": HTDemucs, "args": positional, "kwargs": named, "training_args": {}}
    save_with_checksum(package | {"state": get_state(model, None, half=True)}, folder / "tiny.th")
    (folder / "htdemucs.yaml").write_text("models: ['tiny']\n")
    return folder


@quietly
def sensevoice(folder: Path) -> Path:
    """A SenseVoice of two layers with a vocabulary of sixty pieces."""
    from rythmo.engines.local.devices import load_torch

    torch = load_torch()
    import sentencepiece
    from funasr.models.sense_voice.model import SenseVoiceSmall

    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    text = folder / "text"
    text.write_text(
        "\n".join(f"hello world this is a tiny corpus {n} for tests and nothing else" for n in range(200))
    )
    tags = ["<|en|>", "<|NEUTRAL|>", "<|Speech|>", "<|withitn|>"]
    sentencepiece.SentencePieceTrainer.train(
        input=str(text),
        model_prefix=str(folder / "bpe"),
        vocab_size=60,
        model_type="bpe",
        user_defined_symbols=tags,
        minloglevel=2,
    )
    size, width = (
        sentencepiece.SentencePieceProcessor(model_file=str(folder / "bpe.model")).vocab_size(),
        16 * 7,
    )
    shift, scale = " ".join(["-8.0"] * width), " ".join(["0.2"] * width)
    (folder / "am.mvn").write_text(
        f"<Nnet>\n<AddShift> {width} {width}\n<LearnRateCoef> 0 [ {shift} ]\n"
        f"<Rescale> {width} {width}\n<LearnRateCoef> 0 [ {scale} ]\n</Nnet>\n"
    )
    dropout = {"dropout_rate": 0.0}
    encoder = {
        "output_size": 16,
        "attention_heads": 2,
        "linear_units": 32,
        "num_blocks": 2,
        "tp_blocks": 1,
        "positional_dropout_rate": 0.0,
        "attention_dropout_rate": 0.0,
        "input_layer": "pe",
        "kernel_size": 3,
        "pos_enc_class": "SinusoidalPositionEncoder",
        "normalize_before": True,
        "sanm_shfit": 0,
        "selfattention_layer_type": "sanm",
        **dropout,
    }
    model = {"length_normalized_loss": True, "sos": 1, "eos": 2, "ignore_id": -1}
    ctc = {"ctc_type": "builtin", "reduce": True, "ignore_nan_grad": True, **dropout}
    frontend = {"fs": 16_000, "window": "hamming", "n_mels": 16, "frame_length": 25, "frame_shift": 10}
    config = {
        "model": "SenseVoiceSmall",
        "model_conf": model,
        "encoder": "SenseVoiceEncoderSmall",
        "encoder_conf": encoder,
        "frontend": "WavFrontend",
        "frontend_conf": frontend | {"lfr_m": 7, "lfr_n": 6},
        "tokenizer": "SentencepiecesTokenizer",
        "tokenizer_conf": {"unk_symbol": "<unk>", "split_with_space": True},
        "ctc_conf": ctc,
        "normalize": None,
        "dataset": "SenseVoiceCTCDataset",
    }
    (folder / "config.yaml").write_text(json.dumps(config))
    tiny = SenseVoiceSmall(
        encoder=config["encoder"],
        encoder_conf=encoder,
        ctc_conf=ctc,
        input_size=width,
        vocab_size=size,
        **model,
    )
    torch.save(tiny.state_dict(), folder / "model.pt")
    return folder


@quietly
def argos(folder: Path) -> Path:
    """A folder of Argos packages with one from English to Spanish: a Marian of one layer, by CTranslate2."""
    from rythmo.engines.local.devices import load_torch

    torch = load_torch()
    import sentencepiece
    from ctranslate2.converters import TransformersConverter
    from transformers import MarianConfig, MarianMTModel

    torch.manual_seed(0)
    package, source = folder / "translate-en_es-1_0", folder.parent / "marian"
    for one in (package, source):
        one.mkdir(parents=True)
    text = source / "text.txt"
    text.write_text("\n".join(["the house is near the sea", "where is the other one", "come in now"] * 20))
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=str(source / "source"), vocab_size=26, minloglevel=2
    )
    words = sentencepiece.SentencePieceProcessor(model_file=str(source / "source.model"))
    pieces = [words.id_to_piece(n) for n in range(words.vocab_size())]
    ids = {piece: n for n, piece in enumerate([*(one for one in pieces if one != "<s>"), "<pad>"])}
    for name in ("source", "target"):
        (source / f"{name}.spm").write_bytes((source / "source.model").read_bytes())
    (source / "vocab.json").write_text(json.dumps(ids))
    (source / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "MarianTokenizer"}))
    config = MarianConfig(
        vocab_size=len(ids),
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        pad_token_id=ids["<pad>"],
        decoder_start_token_id=ids["<pad>"],
        eos_token_id=ids["</s>"],
        forced_eos_token_id=ids["</s>"],
    )
    MarianMTModel(config).save_pretrained(source)
    TransformersConverter(str(source)).convert(str(package / "model"))
    (package / "sentencepiece.model").write_bytes((source / "source.model").read_bytes())
    about = {"package_version": "1.0", "argos_version": "1.9", "type": "translate"}
    about |= {"from_code": "en", "from_name": "English", "to_code": "es", "to_name": "Spanish"}
    (package / "metadata.json").write_text(json.dumps(about))
    return folder


@quietly
def qwen_tts(folder: Path) -> Path:
    """A Qwen3-TTS Base model of two layers with its codec."""
    from rythmo.engines.local.devices import load_torch

    torch = load_torch()
    from qwen_tts.core.models.configuration_qwen3_tts import Qwen3TTSConfig
    from qwen_tts.core.models.modeling_qwen3_tts import Qwen3TTSForConditionalGeneration
    from qwen_tts.core.tokenizer_12hz.configuration_qwen3_tts_tokenizer_v2 import Qwen3TTSTokenizerV2Config
    from qwen_tts.core.tokenizer_12hz.modeling_qwen3_tts_tokenizer_v2 import Qwen3TTSTokenizerV2Model
    from tokenizers import pre_tokenizers
    from transformers import EncodecFeatureExtractor, Qwen2TokenizerFast

    torch.manual_seed(0)
    codec_folder = folder / "speech_tokenizer"
    codec_folder.mkdir(parents=True)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    (folder / "vocab.json").write_text(json.dumps({letter: n for n, letter in enumerate(alphabet)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    special = ["<|im_start|>", "<|im_end|>", "<tts_pad>", "<tts_text_bos>", "<tts_text_eod>", "assistant"]
    tokenizer = Qwen2TokenizerFast(
        vocab_file=str(folder / "vocab.json"),
        merges_file=str(folder / "merges.txt"),
        additional_special_tokens=special,
    )
    tokenizer.save_pretrained(folder)
    ids = {token: tokenizer.convert_tokens_to_ids(token) for token in special}
    wide, codes = 32, 64
    common = {
        "hidden_size": wide,
        "intermediate_size": wide,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "num_code_groups": 4,
    }
    predictor = common | {"vocab_size": codes, "num_hidden_layers": 1, "max_position_embeddings": 512}
    names = ("eos_token", "pad", "bos", "think", "nothink", "think_bos", "think_eos")
    codec_ids = {f"codec_{name}_id": codes + n for n, name in enumerate(names)}
    talker = (
        common
        | codec_ids
        | {
            "code_predictor_config": predictor,
            "vocab_size": codes + 1024,
            "num_hidden_layers": 2,
            "text_hidden_size": wide,
            "text_vocab_size": len(tokenizer) + 8,
            "spk_id": {},
            "spk_is_dialect": {},
            "codec_language_id": {"english": codes + 7, "spanish": codes + 8},
            "max_position_embeddings": 1024,
            "rope_scaling": {"mrope_section": [4, 2, 2], "interleaved": True, "rope_type": "default"},
        }
    )
    speaker = {
        "enc_dim": wide,
        "enc_channels": [16, 16, 16, 16, 48],
        "enc_attention_channels": 8,
        "enc_res2net_scale": 2,
        "enc_se_channels": 8,
        "mel_dim": 128,
    }
    config = Qwen3TTSConfig(
        talker_config=talker,
        speaker_encoder_config=speaker,
        tokenizer_type="qwen3_tts_tokenizer_12hz",
        tts_model_size="0b6",
        tts_model_type="base",
        im_start_token_id=ids["<|im_start|>"],
        im_end_token_id=ids["<|im_end|>"],
        tts_pad_token_id=ids["<tts_pad>"],
        tts_bos_token_id=ids["<tts_text_bos>"],
        tts_eos_token_id=ids["<tts_text_eod>"],
    )
    Qwen3TTSForConditionalGeneration(config).save_pretrained(folder)
    sampling = {"do_sample": True, "top_k": 50, "top_p": 1.0, "temperature": 0.9}
    below = {
        "subtalker_dosample" if name == "do_sample" else f"subtalker_{name}": v
        for name, v in sampling.items()
    }
    more = {"repetition_penalty": 1.05, "max_new_tokens": 24}
    (folder / "generation_config.json").write_text(json.dumps(sampling | below | more))
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 8, "intermediate_size": 16}
    codec = heads | {
        "codebook_size": codes,
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_quantizers": 4,
        "sliding_window": 8,
    }
    decoder = codec | {
        "latent_dim": 16,
        "upsample_rates": [8, 5, 4, 3],
        "upsampling_ratios": [2, 2],
        "decoder_dim": 32,
        "codebook_dim": 16,
    }
    encoder = codec | {
        "sampling_rate": 24_000,
        "num_filters": 4,
        "codebook_dim": 8,
        "vector_quantization_hidden_dimension": 8,
        "num_semantic_quantizers": 1,
        "upsampling_ratios": [8, 6, 5, 4],
        "upsample_groups": 16,
    }
    both = Qwen3TTSTokenizerV2Config(
        encoder_config=encoder, decoder_config=decoder, encoder_valid_num_quantizers=4
    )
    codec_model = Qwen3TTSTokenizerV2Model(both)
    # Untrained code books are zeros, and the library's first weights fade every sound away.
    with torch.no_grad():
        for tensor in [*codec_model.decoder.parameters(), *codec_model.decoder.buffers()]:
            if tensor.ndim >= 2:
                tensor.normal_(std=2 * (tensor.numel() / tensor.shape[0]) ** -0.5)
    codec_model.save_pretrained(codec_folder)
    EncodecFeatureExtractor(feature_size=1, sampling_rate=24_000).save_pretrained(codec_folder)
    # The library writes only what differs from its defaults here, and then reads too little.
    written = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(written | {"speaker_encoder_config": speaker}))
    return folder


@quietly
def audioseal(folder: Path) -> Path:
    """AudioSeal's networks at their own size, which the library describes, and random weights."""
    from rythmo.engines.local.devices import load_torch

    torch = load_torch()
    from audioseal import builder, loader

    torch.manual_seed(0)
    folder.mkdir(parents=True)
    for part, card, kind, make in (
        ("generator", "audioseal_wm_16bits", builder.AudioSealWMConfig, builder.create_generator),
        ("detector", "audioseal_detector_16bits", builder.AudioSealDetectorConfig, builder.create_detector),
    ):
        described = loader.OmegaConf.to_container(loader.load_local_model_config(card))
        described.pop("checkpoint")
        network = make(loader.AudioSeal.parse_config(described, config_type=kind, nbits=16))
        # The published files have the names of an older release, which the library turns into today's.
        weights = {name.replace(".inner_conv.", "."): one for name, one in network.state_dict().items()}
        torch.save({"model": weights}, folder / f"{part}_base.pth")
    return folder
