from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import SPECIAL, WIDTH, ZH
from hypothesis import given
from hypothesis import strategies as st

from nlp import ModelError
from nlp.encoder import Encoder, Floats, load_tokenizer, onnx_runner, tokenise
from nlp.encoder.pytorch import load_encoder, load_tuned, torch_runner
from nlp.encoder.windows import Batch, Special, batches, gather, make_windows

SENTENCES = [line for line in ZH.read_text("utf-8").splitlines() if line.strip()]


def counting_run(batch: Batch) -> Floats:
    """An encoder that returns the mean token id of each piece, exactly."""
    return (batch.pool @ batch.input_ids[:, :, None].astype(np.float32)).astype(np.float32)


@given(
    st.lists(st.lists(st.integers(3, 900), max_size=40), max_size=30), st.integers(4, 30), st.integers(10, 200)
)  # fmt: skip
def test_every_token_is_read_once_and_in_its_sentence(sentences: list[list[int]], size: int, budget: int) -> None:
    special = Special(0, 1, 2)
    windows = make_windows(sentences, size=size, special=special)
    read: list[list[int]] = [[] for _ in sentences]
    for window in windows:
        assert len(window.ids) <= size
        for piece in window.pieces:
            read[piece.sentence] += window.ids[piece.start : piece.end]
    assert read == sentences
    rows = np.zeros((len(sentences), 1), dtype=np.float32)
    for batch in batches(windows, tokens=budget, special=special):
        gather(rows, counting_run(batch), windows, batch)
    means = [[float(np.mean(tokens))] if tokens else [0.0] for tokens in sentences]
    assert np.allclose(rows, np.array(means).reshape(rows.shape), rtol=1e-4)


def test_backends_give_the_same_vectors(tiny_model: Path) -> None:
    tokenizer = load_tokenizer(tiny_model / "tokenizer.json")
    by_onnx = Encoder("a", tokenizer, SPECIAL, onnx_runner(tiny_model / "encoder.onnx"), WIDTH, window=64)
    run = torch_runner(load_tuned(tiny_model), device="cpu")
    by_torch = Encoder("b", tokenizer, SPECIAL, run, WIDTH, window=64, batch_tokens=2048)
    first, second = by_onnx.encode([SENTENCES, SENTENCES[:3]]), by_torch.encode([SENTENCES, SENTENCES[:3]])
    for a, b in zip(first, second, strict=True):
        assert np.abs(a - b).max() < 5e-3  # the PyTorch weights are stored in half precision


def test_texts_do_not_change_one_another(tiny_model: Path) -> None:
    tokenizer = load_tokenizer(tiny_model / "tokenizer.json")
    run = onnx_runner(tiny_model / "encoder.onnx")
    encoder = Encoder("a", tokenizer, SPECIAL, run, WIDTH, window=64, batch_tokens=2048)
    alone = encoder.encode([SENTENCES[:5]])[0]
    together = encoder.encode([SENTENCES[5:], SENTENCES[:5], []])
    assert np.abs(alone - together[1]).max() < 1e-4
    assert together[2].shape == (0, WIDTH)


def test_a_hub_style_folder_loads(tmp_path: Path, tiny_network: Any) -> None:
    tiny_network.save_pretrained(tmp_path)
    loaded = load_encoder(str(tmp_path))
    ours = tiny_network.state_dict()
    assert all(np.allclose(value, ours[key]) for key, value in loaded.state_dict().items())


def test_tokens_are_never_truncated(tokenizer_path: Path) -> None:
    tokenizer = load_tokenizer(tokenizer_path)
    assert len(tokenise(tokenizer, ["漲" * 5000])[0]) == 5000


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tokenizer\.json is missing"):
        load_tokenizer(tmp_path / "tokenizer.json")
    with pytest.raises(ModelError, match=r"encoder\.onnx is missing"):
        onnx_runner(tmp_path / "encoder.onnx")
