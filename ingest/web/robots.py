"""What a site's robots.txt allows us (RFC 9309, with wildcards and Crawl-delay)."""

from protego import Protego


class Rules:
    """The rules of one origin for one agent."""

    def __init__(self, agent: str, body: bytes) -> None:
        self._agent = agent.partition("/")[0].split(" ")[0]
        self._parsed = Protego.parse(body.decode("utf-8", "replace").lstrip("\ufeff"))
        self._reason: str | None = None
        self.delay_s = float(self._parsed.crawl_delay(self._agent) or 0.0)

    @classmethod
    def closed(cls, agent: str, reason: str) -> "Rules":
        """Return rules that allow nothing, because the file could not be read."""
        rules = cls(agent, b"")
        rules._reason = reason
        return rules

    def allow(self, address: str) -> bool:
        """Tell whether an address may be asked."""
        return self._reason is None and bool(self._parsed.can_fetch(address, self._agent))

    @property
    def code(self) -> str:
        """Return the code of a refusal."""
        return "robots-disallowed" if self._reason is None else "robots-unavailable"

    @property
    def detail(self) -> str:
        """Return the reason of a refusal and what to do."""
        if self._reason is None:
            return f"is closed to {self._agent!r} by robots.txt. Ask the site's keeper, or leave it out."
        return f"was not asked, because robots.txt could not be read ({self._reason}) Try again later."
