"""How the network is used: limits and politeness, as the operator sets them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Manners:
    """What holds for every request; `every_s` is the least time between two requests to one host.

    `timeout_s` bounds a whole request, from connecting to the last byte.
    """

    agent: str = "cluster-kg"
    is_private_allowed: bool = False
    every_s: float = 1.0
    timeout_s: float = 60.0
    limit_bytes: int = 100_000_000
    max_addresses: int = 5_000
    attempts: int = 3
    backoff_s: float = 1.0
    longest_wait_s: float = 60.0
