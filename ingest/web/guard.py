"""Where a connection may go: every answer of the resolver is checked, and the checked one is dialled.

So a name that answers with a public address first and a private one later gains nothing.
Ranges: IANA special-purpose registries (RFC 6890); NAT64 RFC 6052; 6to4 RFC 3056.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore2

from kg.errors import SourceError

Resolve = Callable[[str, int], Sequence[str]]
"""Host and port to IP addresses as text; fails with OSError."""

_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_NEVER = tuple(
    map(IPv6Network, ("::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "5f00::/16"))
)
"""IPv4-compatible, local NAT64, discard, protocol assignments with Teredo, documentation, segment routing."""

_NEVER_FOUR = tuple(map(IPv4Network, ("0.0.0.0/8", "192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4")))
"""This network, protocol assignments, 6to4 relays, reserved with broadcast."""

_ATTEMPTS = 3


def resolve(host: str, port: int) -> list[str]:
    """Return every address that the system's resolver has for a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def is_allowed(text: str, *, is_private_allowed: bool) -> bool:
    """Tell whether an IP address may be dialled.

    Public ones may. With `is_private_allowed` so may those of this machine and of a private network;
    link-local (where clouds keep credentials), multicast and reserved ones never.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return False
    inner = _inner(address) if isinstance(address, IPv6Address) else None
    if inner is not None:
        return is_allowed(str(inner), is_private_allowed=is_private_allowed)
    if address.is_loopback:
        return is_private_allowed
    if _is_nobodys(address):
        return False
    return address.is_global or is_private_allowed


def _inner(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return IPv4Address(int(address) >> 80 & 0xFFFFFFFF)
    return None


def _is_nobodys(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address is neither public nor of a private network: nobody can be asked there."""
    if address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved:
        return True
    if isinstance(address, IPv6Address):
        if address.scope_id is not None or address.is_site_local:
            return True
        return any(address in network for network in _NEVER)
    return any(address in network for network in _NEVER_FOUR)


class Backend(httpcore2.NetworkBackend):
    """Connects to checked addresses only, and lets no operation pass the request's deadline."""

    def __init__(
        self,
        *,
        is_private_allowed: bool,
        resolve: Resolve = resolve,
        dialler: httpcore2.NetworkBackend | None = None,
    ) -> None:
        self._is_private_allowed, self._resolve = is_private_allowed, resolve
        self._dialler = dialler or httpcore2.SyncBackend()
        self.deadline = float("inf")
        """Reading of `time.monotonic` at which the present request must be over."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - the interface has it
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Resolve a host once, check every address, and dial the first that answers."""
        found = self.checked(host, port)
        problem: Exception = httpcore2.ConnectError(f"no address for {host}")
        for address in found[:_ATTEMPTS]:
            try:
                stream = self._dialler.connect_tcp(
                    address, port, timeout=self.left(timeout), socket_options=socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                problem = error
            else:
                return _Stream(stream, self.left)
        raise problem

    def checked(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses of a host.

        Raises:
            SourceError: One of them is not allowed.
        """
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"the name {host} cannot be resolved ({error})") from error
        for address in found:
            if not is_allowed(address, is_private_allowed=self._is_private_allowed):
                detail = (
                    f"leads to {address}, which is not a public address. "
                    "If it is yours, allow private ones with KG_FETCH_PRIVATE=true."
                )
                raise SourceError(host, "private-address", detail)
        return found

    def left(self, timeout: float | None = None) -> float:
        """Return how long an operation may take now; at least a moment, so that it fails by itself."""
        left = max(self.deadline - time.monotonic(), 0.001)
        return left if timeout is None else min(left, timeout)


class _Stream(httpcore2.NetworkStream):
    """A connection whose every operation ends by the deadline."""

    def __init__(self, stream: httpcore2.NetworkStream, left: Callable[[float | None], float]) -> None:
        self._stream, self._left = stream, left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=self._left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Stream(
            self._stream.start_tls(ssl_context, server_hostname, timeout=self._left(timeout)), self._left
        )

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - the interface's own
        return self._stream.get_extra_info(info)
