from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nlp.encoder.packed import pack, state_sha256, unpack
from nlp.errors import ModelError

Half = NDArray[np.float16]


def quantised(rows: int, columns: int, *, seed: int = 0) -> Half:
    """Return a matrix as four-bit files give it: in each block of 32 the largest weight is -8 times the scale."""
    random = np.random.default_rng(seed)
    integers = random.integers(-7, 8, (rows * columns // 32, 32))
    integers[np.arange(len(integers)), random.integers(0, 32, len(integers))] = -8
    scales = random.normal(0, 0.01, (len(integers), 1)).astype(np.float16)
    return (integers * scales.astype(np.float32)).astype(np.float16).reshape(rows, columns)


def plain(*shape: int, seed: int = 1) -> Half:
    return np.random.default_rng(seed).normal(0, 0.05, shape).astype(np.float16)


def assert_same(found: Mapping[str, NDArray[np.generic]], expected: Mapping[str, NDArray[np.generic]]) -> None:
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        assert (found[name].dtype, found[name].shape) == (tensor.dtype, tensor.shape), name
        assert found[name].tobytes() == tensor.tobytes(), name


HALF_TRAINED = np.concatenate([quantised(8, 64), plain(3, 64)])
ODD = np.zeros(64, np.float16)
ODD[:6] = [np.inf, -np.inf, np.nan, -0.0, 6e-8, 65504]


@pytest.mark.parametrize(
    "tensor",
    [
        pytest.param(quantised(16, 96), id="quantised"),
        pytest.param(plain(4, 64), id="plain"),
        pytest.param(HALF_TRAINED, id="some blocks trained"),
        pytest.param(quantised(6, 16), id="blocks that run across rows"),
        pytest.param(plain(5, 7), id="no multiple of the block"),
        pytest.param(ODD, id="infinities, nan, negative zero"),
        pytest.param(np.zeros((2, 64), np.float16), id="zeros"),
        pytest.param(np.zeros((0, 32), np.float16), id="empty"),
        pytest.param(np.array(3, np.int64), id="scalar"),
        pytest.param(quantised(64, 32).T, id="transposed"),
        pytest.param(quantised(4, 32).astype(np.float32), id="float32"),
    ],
)
def test_unpack_gives_back_every_bit(tensor: NDArray[np.generic], tmp_path: Path) -> None:
    state = {"layer.0.weight": tensor, "layer.0.bias": plain(7)}
    pack(state, tmp_path / "weights")
    assert_same(unpack(tmp_path / "weights"), state)


def test_pack_needs_eighteen_bytes_a_block(tmp_path: Path) -> None:
    matrix = quantised(512, 384)
    pack({"weight": matrix}, tmp_path / "weights")
    assert (tmp_path / "weights").stat().st_size < matrix.nbytes * 18 / 64 + 1000


def test_pack_keeps_only_trained_blocks_whole(tmp_path: Path) -> None:
    matrix = quantised(512, 384)
    matrix[7] = plain(384)
    pack({"weight": matrix}, tmp_path / "weights")
    assert (tmp_path / "weights").stat().st_size < matrix.nbytes * 18 / 64 + 3000
    assert_same(unpack(tmp_path / "weights"), {"weight": matrix})


def test_pack_writes_the_same_file_for_the_same_state(tmp_path: Path) -> None:
    state = {"b": plain(3), "a": quantised(4, 32)}
    pack(state, tmp_path / "one")
    pack(dict(sorted(state.items())), tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_state_sha256_sees_names_types_and_shapes() -> None:
    zeros = np.zeros(4, np.float16)
    states = [{"a": zeros}, {"b": zeros}, {"a": zeros.reshape(2, 2)}, {"a": zeros.view(np.int16)}, {"a": zeros + 1}]
    assert len({state_sha256(state) for state in states}) == len(states)


@pytest.mark.parametrize("place", [0, 3, 20, 0.3, 0.5, 0.9, -1])
def test_unpack_refuses_a_damaged_file(place: float, tmp_path: Path) -> None:
    path = tmp_path / "weights"
    pack({"weight": quantised(32, 64), "trained": HALF_TRAINED}, path)
    data = bytearray(path.read_bytes())
    data[int(place * len(data)) if isinstance(place, float) else place] ^= 0x04
    path.write_bytes(data)
    with pytest.raises(ModelError, match="weights"):
        unpack(path)


def test_unpack_refuses_a_cut_file(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    pack({"weight": quantised(32, 64)}, path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelError, match="not a readable safetensors file"):
        unpack(path)


def test_unpack_refuses_other_safetensors(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({"weight": plain(4)}, tmp_path / "model.safetensors")
    with pytest.raises(ModelError, match=r"model\.safetensors.*expected weights that weiji packed"):
        unpack(tmp_path / "model.safetensors")


def test_unpack_names_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="nowhere"):
        unpack(tmp_path / "nowhere")
