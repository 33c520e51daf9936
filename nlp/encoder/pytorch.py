"""The PyTorch side of the encoder: loading, pooling, running on any device, exporting to ONNX.

Reached only by training and by users who ask for PyTorch; needs the extra ``[train]``.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ModelError, require
from ..registry import find_model
from .packed import pack, unpack
from .windows import Batch, Floats, Special

if TYPE_CHECKING:
    import torch
    from torch import nn

    from . import Runner

__all__ = [
    "export_onnx",
    "load_encoder",
    "load_tuned",
    "pooled",
    "pytorch_folder",
    "save_tokenizer",
    "save_tuned",
    "torch_runner",
]


WEIGHTS = "weights.packed.safetensors"


def load_encoder(name: str) -> nn.Module:
    """Return a Hugging Face encoder in float32 from a folder or a hub name, without its pooler.

    A folder with ``weights.packed.safetensors``, such as ``models/base``, is one of weiji's own packed encoders.
    """
    transformers = require("transformers", extra="train")
    torch = require("torch", extra="train")
    folder = Path(name)
    if (folder / WEIGHTS).is_file():
        return _build(folder, unpack(folder / WEIGHTS))
    said = transformers.utils.logging.get_verbosity()
    transformers.utils.logging.set_verbosity_error()  # it would report a pooler that is missing, and we drop
    try:
        model = transformers.AutoModel.from_pretrained(name, dtype=torch.float32)
    finally:
        transformers.utils.logging.set_verbosity(said)
    if getattr(model, "pooler", None) is not None:
        model.pooler = None  # random unless the checkpoint was trained with it, and we pool tokens ourselves
    encoder: nn.Module = model.float()
    return encoder


def pytorch_folder(folder: Path) -> Path:
    """Return where the PyTorch weights of a model lie: beside it, since reading (and the wheel) does without them."""
    return folder.with_name(f"{folder.name}-pytorch")


def save_tuned(encoder: nn.Module, folder: Path, *, base: str | None) -> None:
    """Write the encoder of a trained model in half precision, to a folder beside the model's.

    :param base: name of the packed encoder that it was tuned from: then only the tensors that differ are stored.
    """
    place = pytorch_folder(folder)
    place.mkdir(parents=True, exist_ok=True)
    state = {key: tensor.detach().cpu().half().numpy() for key, tensor in encoder.state_dict().items()}
    if base is not None:
        same = unpack(_find_base(base) / WEIGHTS)
        state = {key: array for key, array in state.items() if key not in same or not np.array_equal(array, same[key])}
    pack(state, place / WEIGHTS)
    encoder.config.save_pretrained(str(place))
    (place / "base.txt").write_text(f"{base}\n" if base else "", encoding="utf-8")


def load_tuned(folder: Path) -> nn.Module:
    """Return the encoder of a trained model folder in float32, on top of the one that it was tuned from."""
    place = pytorch_folder(folder)
    if not (place / WEIGHTS).is_file():
        raise ModelError(
            f"{place / WEIGHTS} is missing; the installed package carries only the ONNX graph: "
            "use the repository's models/ folder for PyTorch, or the default backend"
        )
    base = (place / "base.txt").read_text(encoding="utf-8").strip()
    state = unpack(_find_base(base) / WEIGHTS) if base else {}
    return _build(place, state | unpack(place / WEIGHTS))


def _find_base(name: str) -> Path:
    folder = find_model(name)
    if folder is None or not (folder / WEIGHTS).is_file():
        raise ModelError(f"the packed encoder {name!r} is not in models/; get the whole repository")
    return folder


def _build(folder: Path, state: Mapping[str, Any]) -> nn.Module:
    """Return the encoder that the ``config.json`` of a folder describes, with these weights, in float32."""
    transformers = require("transformers", extra="train")
    torch = require("torch", extra="train")
    model = transformers.AutoModel.from_config(transformers.AutoConfig.from_pretrained(str(folder)))
    if getattr(model, "pooler", None) is not None:
        model.pooler = None
    tensors = {key: torch.from_numpy(np.asarray(value, dtype=np.float32)) for key, value in state.items()}
    missing, unexpected = model.load_state_dict(tensors, strict=False)
    if missing or unexpected:
        raise ModelError(f"{folder}: the weights lack {missing[:3]} and have unknown {unexpected[:3]}")
    encoder: nn.Module = model.float()
    return encoder


def save_tokenizer(name: str, folder: Path) -> Special:
    """Write the fast tokenizer of an encoder (folder or hub name) to `folder` and return its special ids."""
    transformers = require("transformers", extra="train")
    tokenizer = transformers.AutoTokenizer.from_pretrained(name)
    if not getattr(tokenizer, "is_fast", False):
        raise ModelError(f"{name} has no fast tokenizer; expected one that can be saved as tokenizer.json")
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    return Special(tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id)


def pooled(
    encoder: nn.Module, input_ids: torch.Tensor, attention_mask: torch.Tensor, pool: torch.Tensor
) -> torch.Tensor:
    """Return the mean token state of each piece: windows × pieces × width."""
    states = encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
    return pool.to(states.dtype) @ states


def torch_runner(encoder: nn.Module, *, device: str | None = None, dtype: str = "float32") -> Runner:
    """Return a runner on a PyTorch device (``cuda`` where there is one, unless named).

    :param dtype: ``float32`` gives the numbers of the CPU path; ``bfloat16`` is for GPUs.
    """
    torch = require("torch", extra="train")
    where = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    model = encoder.to(where, getattr(torch, dtype)).eval()

    def run(batch: Batch) -> Floats:
        arrays = (batch.input_ids, batch.attention_mask, batch.pool)
        with torch.inference_mode():
            vectors = pooled(model, *(torch.from_numpy(array).to(where) for array in arrays))
        found: Floats = vectors.float().cpu().numpy()
        return found

    return run


def export_onnx(encoder: nn.Module, path: Path, *, quantise: bool = True) -> None:
    """Write the encoder with its pooling as an ONNX graph; INT8 weights per channel unless told otherwise.

    Quantisation is dynamic (weights INT8, activations at run time), for matrix products and the embedding tables.
    """
    torch = require("torch", extra="train")
    require("onnxscript", extra="train")
    onnx = require("onnx", extra="train")

    class Graph(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder.to("cpu", torch.float32).eval()

        def forward(self, input_ids: Any, attention_mask: Any, pool: Any) -> Any:
            return pooled(self.encoder, input_ids, attention_mask, pool)

    example = (
        torch.ones(2, 16, dtype=torch.long), torch.ones(2, 16, dtype=torch.long), torch.full((2, 3, 16), 1 / 16),
    )  # fmt: skip
    windows, tokens, pieces = (torch.export.Dim(name, min=1) for name in ("windows", "tokens", "pieces"))
    path.parent.mkdir(parents=True, exist_ok=True)
    full = path.with_suffix(".fp32.onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations; what it cannot export it raises
        torch.onnx.export(
            Graph().eval(), example, str(full), dynamo=True, external_data=False, verbose=False,
            input_names=["input_ids", "attention_mask", "pool"], output_names=["vectors"],
            dynamic_shapes={
                "input_ids": {0: windows, 1: tokens},
                "attention_mask": {0: windows, 1: tokens},
                "pool": {0: windows, 1: pieces, 2: tokens},
            },
        )  # fmt: skip
    if not quantise:
        full.replace(path)
        return
    quantisation = require("onnxruntime.quantization", extra="train")
    logging.disable(logging.WARNING)  # it tells of every tensor, on the root logger
    try:
        quantisation.quantize_dynamic(
            str(full), str(path), per_channel=True, weight_type=quantisation.QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )  # fmt: skip
    finally:
        logging.disable(logging.NOTSET)
    full.unlink()
    onnx.checker.check_model(str(path))
