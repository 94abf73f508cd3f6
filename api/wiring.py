"""Composition root: settings to the parts that run. Nothing else builds them."""

from pathlib import Path
from typing import TYPE_CHECKING

from api.settings import Settings
from kg.ids import Namer

if TYPE_CHECKING:
    from fastapi import FastAPI

    from ingest.worker import WriterConfig
    from kg.base import Library
    from kg.encoder import Encoder
    from kg.graph_pool import Pool

MIB = 1 << 20


def encoder(settings: Settings) -> "Encoder":
    """Open the embedding model, for questions."""
    from kg.embed import open_encoder

    return open_encoder(settings.encoder, sparse=settings.sparse)


def library(settings: Settings, encoder_id: str | None = None) -> "Library":
    """Open the data folder for reading; with `encoder_id` only data built by that model."""
    from kg.base import Library

    return Library(settings.data, namer=Namer(settings.base_iri), encoder_id=encoder_id)


def pool(settings: Settings, *, workers: int | None = None) -> "Pool":
    """Start the processes that evaluate SPARQL."""
    from kg.graph_pool import Limits, Pool
    from ontology.namespaces import PREFIXES

    limits = Limits(
        timeout_s=settings.sparql_timeout_s,
        memory_bytes=settings.sparql_memory_mb * MIB,
        max_bytes=settings.sparql_max_mb * MIB,
        waiting_each=settings.sparql_queue,
    )
    return Pool(workers or settings.workers, limits, prefixes=PREFIXES, base=settings.base_iri)


def writer_config(settings: Settings) -> "WriterConfig":
    """Return what the writer needs to know."""
    from ingest.sandbox import Limits
    from ingest.web.manners import Manners
    from ingest.worker import WriterConfig

    manners = Manners(
        agent=settings.user_agent,
        is_private_allowed=settings.fetch_private,
        every_s=settings.fetch_every_s,
        timeout_s=settings.fetch_timeout_s,
        limit_bytes=settings.fetch_max_mb * 1_000_000,
        max_addresses=settings.fetch_max_addresses,
    )
    return WriterConfig(
        base=settings.base_iri,
        encoder=settings.encoder,
        sparse=settings.sparse,
        cache=settings.cache or settings.data / "cache",
        keep_versions=settings.keep_versions,
        keep_editions=settings.keep_editions,
        manners=manners,
        limits=Limits(settings.read_seconds, settings.read_memory_mb * MIB),
    )


def is_built(data: Path) -> bool:
    """Tell whether the folder holds a version to read."""
    return (data / "CURRENT").exists()


def app(settings: Settings, library: "Library", encoder: "Encoder", pool: "Pool") -> "FastAPI":
    """Return the web application over parts that the caller opened and closes."""
    from api.app import create_app

    return create_app(library, encoder, pool, settings)
