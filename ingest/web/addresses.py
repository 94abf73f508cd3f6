"""Web addresses as people and feeds write them, made one and the same; what may not be asked is refused."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from kg.errors import SourceError

PORTS: Final = {"http": 80, "https": 443}

_LONGEST = 2_000
_UNWANTED = re.compile(r"[\x00-\x20\x7f\\]")
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+))*", re.IGNORECASE)
"""A host that some resolvers take for an IPv4 address: decimal, octal, hexadecimal, with parts left out."""

_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_SAFE_IN_PATH = "/%:@!$&'()*+,;=-._~"
_SAFE_IN_QUERY = _SAFE_IN_PATH + "?"


@dataclass(frozen=True, slots=True)
class Address:
    """An http(s) address in its parts: `host` is in lower case, ASCII, without brackets or final dot."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> str:
        """Return scheme, host and port, the latter only where it is unusual."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port != PORTS[self.scheme] else "")

    def __str__(self) -> str:
        return self.origin + self.target


def is_address(text: str) -> bool:
    """Tell whether an input is a web address and not a path."""
    return text.lower().startswith(("http://", "https://"))


def parse(text: str) -> Address:
    """Return an address in canonical form: no fragment, no `utm_` parameters, no default port.

    Raises:
        SourceError: It is no address that may be asked.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        raise _refused(text[:80] + "…", f"has {len(text)} characters; the limit is {_LONGEST}. Shorten it.")
    if _UNWANTED.search(text):
        raise _refused(
            text, "holds a space, a control character or a backslash. Encode it as %20 or the like."
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _refused(text, f"cannot be parsed ({error}). Check its spelling.") from error
    scheme = parts.scheme.lower()
    if scheme not in PORTS:
        raise _refused(text, f"has the scheme {scheme or 'none'!r}. Only http and https are fetched.")
    if "@" in parts.netloc:
        raise SourceError(text.replace(parts.netloc, "…"), "credentials", "holds a user name. Remove it.")
    host = _host(text, parts.hostname or "")
    return Address(scheme, host, PORTS[scheme] if port is None else port, _target(parts.path, parts.query))


def join(base: Address, reference: str) -> str:
    """Return where a reference found at `base` leads, as text that is still to be parsed."""
    try:
        return urljoin(str(base), reference.strip())
    except ValueError:
        return reference


def is_same_site(one: Address, other: Address) -> bool:
    """Tell whether `other` is on the host of `one`, `www.` apart, or on a subdomain of it."""
    return is_below(other.host, one.host.removeprefix("www."))


def is_below(host: str, domain: str) -> bool:
    """Tell whether a host is a domain or lies below it."""
    return host == domain or host.endswith(f".{domain}")


def _host(text: str, host: str) -> str:
    host = host.lower().removesuffix(".")
    if ":" in host:
        return _version_six(text, host)
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise _refused(text, f"has a host that cannot be written in ASCII ({error}).") from error
    if _NUMERIC.fullmatch(host):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError as error:
            detail = f"has the host {host!r}. Write it as four decimal numbers or as a name."
            raise SourceError(text, "address-form", detail) from error
    if not _NAME.fullmatch(host) or len(host) > 253:
        raise _refused(text, f"has the host {host!r}, which is no name of a host. Check its spelling.")
    return host


def _version_six(text: str, host: str) -> str:
    try:
        if "%" in host:
            raise ValueError("it names a zone of this machine")
        return str(ipaddress.IPv6Address(host))
    except ValueError as error:
        raise SourceError(text, "address-form", f"has the host {host!r}: {error}. Use a name.") from error


def _target(path: str, query: str) -> str:
    path = quote(path or "/", safe=_SAFE_IN_PATH)
    kept = query
    if "utm_" in query.lower():
        pairs = parse_qsl(query, keep_blank_values=True)
        kept = urlencode([pair for pair in pairs if not pair[0].lower().startswith("utm_")])
    return path + (f"?{quote(kept, safe=_SAFE_IN_QUERY)}" if kept else "")


def _refused(text: str, detail: str) -> SourceError:
    return SourceError(text, "unsupported-address", detail)
