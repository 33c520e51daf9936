"""Encoder weights ⇄ one small file, without losing a bit.

The matrices of the base encoder come from 4-bit blocks: 32 consecutive weights share a scale, and each weight is that
scale times an integer from -8 to 7, rounded to half precision. The weight that is largest in size has the integer -8,
so the scale can be read off the block, and a block that comes out the same, bit for bit, needs 18 bytes in place of 64.
What does not come out the same (biases, norms, whatever training has changed) is kept as it is, so `pack` takes any
state and `unpack` gives back exactly that state.

The file is safetensors. A tensor ``w`` is either ``raw:w`` or these arrays:

====================  =================================================================================
``scales:w``          float16, one for each packed block
``codes:w``           uint8, 16 bytes a block: integer + 8, the even weights in the low four bits
``packed:w``          uint8, one bit a block: is it packed? (only where some blocks are not)
``rest:w``            the blocks that are not packed, as they were (likewise)
====================  =================================================================================

Its metadata has one entry, ``weiji``: a JSON object with the format's name, the tensors' shapes and a SHA-256 of the
state.
There is no further compression: it would save a tenth, which git and archives save anyway.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError

__all__ = ["pack", "state_sha256", "unpack"]

FORMAT = "weiji-q4/1"

_BLOCK = 32
_CHUNK = 1 << 14  # blocks worked on at a time: keeps the float32 copies at a few MB

Array = NDArray[Any]


def pack(state: Mapping[str, Array], path: Path) -> None:
    """Write the tensors of a model to one file from which `unpack` returns them bit for bit."""
    from safetensors.numpy import save

    state = {name: np.asarray(tensor, order="C") for name, tensor in sorted(state.items())}
    arrays: dict[str, Array] = {}
    for name, tensor in state.items():
        for part, array in _pack_tensor(tensor).items():
            arrays[f"{part}:{name}"] = array
    about = {
        "format": FORMAT,
        "sha256": state_sha256(state),
        "shapes": {name: list(tensor.shape) for name, tensor in state.items()},
    }
    # One metadata entry, because safetensors does not promise the order of several: same state, same file.
    path.write_bytes(save(arrays, {"weiji": json.dumps(about, ensure_ascii=False)}))


def unpack(path: Path) -> dict[str, Array]:
    """Return the tensors that `pack` wrote, by name; raises `ModelError` where they are not what was packed."""
    try:
        state, expected = _read(path)
    except (KeyError, TypeError, ValueError) as err:  # a part is missing, or has not the size that the others tell
        raise ModelError(f"{path}: the packed arrays do not fit together ({err!r}); fetch the file again") from err
    found = state_sha256(state)
    if found != expected:
        raise ModelError(
            f"{path}: the unpacked weights have SHA-256 {found}, expected {expected}; fetch the file again"
        )
    return state


def state_sha256(state: Mapping[str, Array]) -> str:
    """Return one SHA-256 over the names, types, shapes and bytes of all tensors, whatever their order."""
    total = hashlib.sha256()
    for name, tensor in sorted(state.items()):
        total.update(f"{name}\0{tensor.dtype.str}\0{tensor.shape}\0".encode())
        total.update(np.ascontiguousarray(tensor).view(np.uint8).data if tensor.size else b"")
    return total.hexdigest()


def _read(path: Path) -> tuple[dict[str, Array], str]:
    from safetensors import SafetensorError, safe_open

    try:
        opened = safe_open(path, framework="numpy")
    except (OSError, SafetensorError) as err:
        raise ModelError(f"{path}: not a readable safetensors file ({err}); fetch it again") from err
    with opened as file:
        described = (file.metadata() or {}).get("weiji", "")
        if f'"{FORMAT}"' not in described:
            raise ModelError(f"{path}: its metadata does not say {FORMAT}; expected weights that weiji packed")
        about = json.loads(described)
        parts: dict[str, dict[str, Array]] = {name: {} for name in about["shapes"]}
        for key in file.keys():  # noqa: SIM118 (not a mapping)
            part, _, name = key.partition(":")
            parts[name][part] = file.get_tensor(key)
    return {name: _unpack_tensor(parts[name], tuple(shape)) for name, shape in about["shapes"].items()}, about["sha256"]


def _pack_tensor(tensor: Array) -> dict[str, Array]:
    if tensor.dtype != np.float16 or tensor.size == 0 or tensor.size % _BLOCK:
        return {"raw": tensor}
    blocks = tensor.reshape(-1, _BLOCK)
    scales, codes, packed = (
        np.concatenate(chunks)
        for chunks in zip(*(_quantise(blocks[at : at + _CHUNK]) for at in range(0, len(blocks), _CHUNK)), strict=True)
    )
    if packed.mean() < 0.1:  # below this the bit map and the extra arrays are not worth it
        return {"raw": tensor}
    parts = {"scales": scales[packed], "codes": codes[packed]}
    if not packed.all():
        parts |= {"packed": np.packbits(packed), "rest": blocks[~packed]}
    return parts


def _quantise(blocks: Array) -> tuple[Array, Array, Array]:
    """Return each block's scale, its 16 bytes of codes, and whether the two give the block back bit for bit."""
    largest = np.abs(blocks).argmax(axis=1)
    scales = blocks[np.arange(len(blocks)), largest] / np.float16(-8)
    with np.errstate(divide="ignore", invalid="ignore"):  # a block of zeros, infinities: found out just below
        integers = np.rint(blocks.astype(np.float32) / scales[:, None].astype(np.float32))
    integers = np.clip(np.nan_to_num(integers), -8, 7).astype(np.int8)
    nibbles = (integers + 8).astype(np.uint8)
    codes = nibbles[:, 0::2] | (nibbles[:, 1::2] << 4)
    # Compared as bits: -0.0 == 0.0, and the sign of a zero is the sign of its block's scale.
    same = _dequantise(scales, codes).view(np.uint16) == np.ascontiguousarray(blocks).view(np.uint16)
    return scales, codes, same.all(axis=1)


def _dequantise(scales: Array, codes: Array) -> Array:
    integers = np.empty((len(codes), _BLOCK), np.float32)
    integers[:, 0::2] = codes & 15
    integers[:, 1::2] = codes >> 4
    integers -= 8
    with np.errstate(over="ignore", invalid="ignore"):
        integers *= scales[:, None].astype(np.float32)
        return integers.astype(np.float16)


def _unpack_tensor(parts: Mapping[str, Array], shape: tuple[int, ...]) -> Array:
    if "raw" in parts:
        return parts["raw"]
    scales, codes = parts["scales"], parts["codes"]
    blocks = np.empty((int(np.prod(shape)) // _BLOCK, _BLOCK), np.float16)
    where = np.arange(len(blocks))
    if "packed" in parts:
        packed = np.unpackbits(parts["packed"], count=len(blocks)).astype(bool)
        blocks[~packed] = parts["rest"]
        where = where[packed]
    if not len(where) == len(scales) == len(codes):
        raise ValueError(f"{len(scales)} scales and {len(codes)} rows of codes for {len(where)} blocks")
    for at in range(0, len(where), _CHUNK):
        chunk = slice(at, at + _CHUNK)
        blocks[where[chunk]] = _dequantise(scales[chunk], codes[chunk])
    return blocks.reshape(shape)
