"""A whole model folder with random weights, small enough to make in seconds, for every test that needs a model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlp.encoder import Encoder, Special, load_tokenizer, onnx_runner
from nlp.records import STANCE_LABELS
from nlp.stance import HEADS, SENTENCE_LABELS, Heads, StanceModel

WIDTH = 16
SPECIAL = Special(cls=0, sep=1, pad=2)
ZH = Path(__file__).parent / "articles" / "demo_zh.txt"
EN = Path(__file__).parent / "articles" / "demo_en.txt"


@pytest.fixture(scope="session")
def tokenizer_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tokenizer of single characters, as tokenizer.json."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    letters = sorted(set(ZH.read_text("utf-8") + EN.read_text("utf-8")) - {" ", "\n"})
    vocabulary = {token: number for number, token in enumerate(["<s>", "</s>", "<pad>", "<unk>", *letters])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split("", "isolated")]
    )
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    tokenizer.save(str(path))
    return path


@pytest.fixture(scope="session")
def tiny_network(tokenizer_path: Path) -> Any:
    """A BERT of two layers with random weights."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    size = load_tokenizer(tokenizer_path).get_vocab_size()
    config = transformers.BertConfig(
        vocab_size=size, hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=80,
    )  # fmt: skip
    return transformers.BertModel(config, add_pooling_layer=False).eval()


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory, tokenizer_path: Path, tiny_network: Any) -> Path:
    """A model folder as train.py writes it, with its PyTorch weights beside it."""
    from nlp.encoder.pytorch import export_onnx, save_tuned

    folder = tmp_path_factory.mktemp("models") / "tiny"
    folder.mkdir()
    (folder / "tokenizer.json").write_bytes(tokenizer_path.read_bytes())
    export_onnx(tiny_network, folder / "encoder.onnx", quantise=False)
    save_tuned(tiny_network, folder, base=None)
    random_heads().save(folder)
    config = {"format": 1, "name": "tiny", "version": "0", "encoder": "tiny@0", "width": WIDTH, "window": 64}
    config["special"] = {"cls": SPECIAL.cls, "sep": SPECIAL.sep, "pad": SPECIAL.pad}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


@pytest.fixture
def tiny_stance(tiny_model: Path) -> StanceModel:
    """The tiny model, loaded."""
    tokenizer = load_tokenizer(tiny_model / "tokenizer.json")
    encoder = Encoder("tiny@0", tokenizer, SPECIAL, onnx_runner(tiny_model / "encoder.onnx"), WIDTH, window=64)
    return StanceModel("tiny@0", encoder, random_heads())


def random_heads() -> Heads:
    """Heads with random weights: answers that differ from text to text."""
    random = np.random.default_rng(1)
    evidence = WIDTH + len(SENTENCE_LABELS)

    def draw(*shape: int) -> Any:
        return random.normal(size=shape).astype(np.float32)

    return Heads(
        mean=draw(WIDTH),
        scale=np.ones(WIDTH, dtype=np.float32),
        sentence=draw(WIDTH + 1, len(SENTENCE_LABELS)),
        verdicts={head: draw(4 * evidence + 1, len(STANCE_LABELS)) for head in HEADS},
        temperatures={"document": 1.5, "sentence": 2.0},
        threshold=0.6,
    )
