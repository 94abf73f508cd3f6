"""What was said of a source when it was registered, and what is said of it now."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.options import Options
from ingest.web.addresses import is_address, parse
from kg import nquads
from kg.errors import NotFound, QueryError, SourceError
from kg.registry import Registered, Registry, combine, registered_from

_NAME = re.compile(r"\w[\w.-]{0,99}")
_RESERVED = "adhoc"


def register(registry: Registry, given: Mapping[str, Any]) -> None:
    """Register a source, or say more of it; with `replace` also otherwise.

    Raises:
        QueryError: A value cannot be used, or contradicts what was said before.
    """
    wanted = _checked(registered_from(given))
    if not wanted.roots and registry.find(wanted.name) is None:
        raise QueryError(f"The source {wanted.name!r} needs a --root: a folder, a file or a web address.")
    wanted = replace(wanted, roots=tuple(map(_root, wanted.roots)), hosts=tuple(map(_host, wanted.hosts)))
    known = registry.find(wanted.name) or Registered(wanted.name)
    combined = combine(known, wanted, is_replacing=bool(given.get("replace")))
    registry.save(combined, folder_of(combined.roots) if wanted.roots else None)


def forget(registry: Registry, name: str) -> None:
    """Forget a source; its documents stay.

    Raises:
        NotFound: There is none by that name.
    """
    if registry.find(name) is None:
        raise NotFound(name)
    registry.forget(name)


def settle(registry: Registry, arguments: Mapping[str, Any]) -> tuple[list[str], Options]:
    """Return the inputs and what holds for them; a new source is registered with what is said.

    Raises:
        QueryError: What is said contradicts the registration, or there is nothing to take in.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    paths = list(given.pop("paths", ()))
    if "text" in given:
        given["text_access"] = given.pop("text")
    name = given.get("source")
    if name is None:
        return paths, _options(given)
    wanted = _checked(registered_from(given | {"name": name}))
    known = registry.find(name)
    combined = combine(known or Registered(name), wanted)
    if known is None or not known.said():
        combined = replace(combined, roots=combined.roots or tuple(map(_anchored, paths)))
    if not paths and not combined.roots:
        detail = f"The source {name!r} has no folder or address to harvest."
        raise QueryError(f"{detail} Give a path, or register one with `kg source add {name} --root`.")
    if combined != known:
        registry.save(combined)
    return paths or list(combined.roots), _options(combined.said() | {"source": name})


def folder_of(paths: Sequence[str]) -> str | None:
    """Return the folder that the first local path of a source stands for."""
    local = [Path(path).resolve() for path in paths if not is_address(path)]
    if not local:
        return None
    return str(local[0] if local[0].is_dir() else local[0].parent)


def _options(given: Mapping[str, Any]) -> Options:
    names = Options.__dataclass_fields__
    return Options(**{name: value for name, value in given.items() if name in names})


def _checked(wanted: Registered) -> Registered:
    if not _NAME.fullmatch(wanted.name) or wanted.name == _RESERVED:
        detail = "Use up to 100 letters, digits, dots, hyphens or underscores, and not `adhoc`."
        raise QueryError(f"{wanted.name!r} cannot be the name of a source. {detail}")
    for option, value in (("--cluster", wanted.cluster), ("--licence", wanted.licence)):
        try:
            nquads.iri(value or "urn:none")
        except ValueError as error:
            raise QueryError(f"{option}={value!r} is no absolute IRI. Write it as https://….") from error
    return wanted


def _root(text: str) -> str:
    if is_address(text):
        try:
            return str(parse(text))
        except SourceError as error:
            raise QueryError(f"--root={text!r} {error.detail}") from error
    if "://" in text:
        raise QueryError(f"--root={text!r} is neither a path nor an http(s) address.")
    if not Path(text).exists():
        raise QueryError(f"--root={text!r} does not exist. Check the spelling of the path.")
    return _anchored(text)


def _anchored(path: str) -> str:
    return path if "://" in path else str(Path(path).absolute())


def _host(text: str) -> str:
    try:
        return parse(f"https://{text}/").host
    except SourceError as error:
        raise QueryError(f"--allow={text!r} is no name of a host. Write it like www.example.org.") from error
