"""Any sentence-transformers model as an encoder."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kg.encoder import DOCUMENT_LIMIT, QUERY_LIMIT, Vector, clean, remember
from kg.errors import StoreError

_DESCRIBING = ("config.json", "modules.json", "config_sentence_transformers.json", "tokenizer.json")
_WEIGHTS = (".safetensors", ".bin", ".onnx", ".pt")
_BATCH = 32


class SentenceEncoder:
    """A sentence-transformers model by name or folder, with its own prompts."""

    def __init__(self, name: str, *, allow_download: bool = False) -> None:
        self._model = open_model(name, allow_download=allow_download)
        self._query = remember(self._encode_query)
        self.id = f"{Path(name).name}@{_revision(name, self._model)}"
        self.dim = int(self._model.get_embedding_dimension())

    def encode_query(self, text: str) -> Vector:
        """Return the vector of a question; longer ones are cut at `QUERY_LIMIT` characters."""
        return self._query(clean(text, QUERY_LIMIT))

    def encode_document(self, texts: Sequence[str]) -> Vector:
        """Return one row per passage; longer ones are cut at `DOCUMENT_LIMIT` characters."""
        if not texts:
            return np.empty((0, self.dim), np.float32)
        rows = self._model.encode_document(
            [clean(text, DOCUMENT_LIMIT) for text in texts],
            batch_size=_BATCH,
            show_progress_bar=False,
            convert_to_numpy=True,
            normalize_embeddings=True,
        )
        return np.asarray(rows, np.float32)

    def _encode_query(self, text: str) -> Vector:
        row = self._model.encode_query(
            text, show_progress_bar=False, convert_to_numpy=True, normalize_embeddings=True
        )
        return np.asarray(row, np.float32)


def open_model(name: str, *, allow_download: bool = False, fast: bool = False) -> Any:  # noqa: ANN401
    """Open a sentence-transformers model on the processor.

    Args:
        name: Folder, or name on a model hub.
        allow_download: Whether a hub may be asked; else the model must be here already.
        fast: Compute in bfloat16 where the processor can (cosine to float32 above 0.999).

    Raises:
        StoreError: There is no such model here.
    """
    import torch
    from sentence_transformers import SentenceTransformer

    kind = torch.bfloat16 if fast and has_bfloat16() else torch.float32
    try:
        return SentenceTransformer(
            name, device="cpu", local_files_only=not allow_download, model_kwargs={"dtype": kind}
        )
    except (OSError, ValueError) as error:
        advice = "Give the folder of a model, fetch it first, or allow downloads."
        raise StoreError(name, f"is not a sentence-transformers model on this machine. {advice}") from error


def has_bfloat16() -> bool:
    """Return whether bfloat16 is faster than float32 here; unknown processors say no."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def _revision(name: str, model: Any) -> str:  # noqa: ANN401 - see open_model
    """Return the hub's commit, or for a folder a hash of its description and the sizes of its weights."""
    folder = Path(name)
    if not folder.is_dir():
        return str(getattr(model[0].auto_model.config, "_commit_hash", None) or "unknown")[:12]
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.name in _DESCRIBING:
            digest.update(path.read_bytes())
        elif path.suffix in _WEIGHTS:
            digest.update(f"{path.name} {path.stat().st_size}".encode())
    return digest.hexdigest()[:12]
