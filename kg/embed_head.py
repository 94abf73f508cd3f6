"""The sparse head in torch: states of tokens to the code of a passage.

File format `SAE1` (little endian): header (features, hidden size, block size, features kept per token),
one float32 bias per feature, weights of type Q4_0, see `kg.embed_weights`.
"""

import mmap
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kg import sparse
from kg.embed_weights import dequantise
from kg.errors import StoreError

_HEADER = "<4s4i"


class Head:
    """The weights, float32 or bfloat16 as the states that come first; not safe to use from threads."""

    def __init__(self, weights: Any, bias: Any, *, kept: int, skip: int) -> None:  # noqa: ANN401 - tensors
        self._weights, self._bias, self._kept, self._skip = weights, bias, kept, skip

    @classmethod
    def open(cls, path: Path, *, skip: int) -> "Head":
        """Read the weights; `skip` is how many tokens at the start of a passage say nothing of it.

        Raises:
            StoreError: It is another kind of file.
        """
        import torch

        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            magic, features, hidden, _, kept = struct.unpack_from(_HEADER, data)
            if magic != b"SAE1":
                raise StoreError(str(path), "is not a sparse head of the known format.")
            start = struct.calcsize(_HEADER)
            bias = dequantise(data, 0, features, start, 4 * features)
            blocks = len(data) - start - bias.nbytes
            weights = dequantise(data, 1, features * hidden, start + bias.nbytes, blocks)
        rows = torch.from_numpy(weights.reshape(features, hidden)).T.contiguous()
        return cls(rows, torch.from_numpy(bias), kept=kept, skip=skip)

    def code(self, passed: Mapping[str, Any]) -> sparse.Codes:
        """Return the code of a passage from what a pass of the model gives for it."""
        import torch

        states = passed["token_embeddings"][self._skip : int(passed["attention_mask"].sum()) - 1]
        if states.dtype != self._weights.dtype:
            self._weights, self._bias = self._weights.to(states.dtype), self._bias.to(states.dtype)
        with torch.inference_mode():
            found = torch.relu(torch.addmm(self._bias, states, self._weights))
            best = torch.topk(found, self._kept, dim=1, sorted=False)
            pooled = torch.zeros(len(self._bias))
            pooled.scatter_reduce_(0, best.indices.flatten(), best.values.flatten().float(), "amax")
            strengths, features = torch.topk(pooled, sparse.WIDTH)
        return sparse.pack(features.numpy(), np.asarray(strengths.numpy(), np.float32))
