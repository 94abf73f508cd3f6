"""gzip as it arrives: one member after another (RFC 1952, section 2.2), never more than asked for."""

import zlib

_GZIP = 31
"""Window bits that let zlib expect the header of a gzip member."""


class Unpacker:
    """Decompresses pieces of a gzip stream."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._is_begun = False

    @property
    def is_complete(self) -> bool:
        """Tell whether the stream ends where a member does, or has not begun."""
        return self._member.eof or not self._is_begun

    def feed(self, piece: bytes, most: int) -> bytes:
        """Return what a piece unpacks to, at most `most` bytes (one or more); what is beyond is dropped.

        Raises:
            zlib.error: It is no gzip.
        """
        taken = bytearray()
        while len(taken) < most:
            if not self._is_begun or self._member.eof:
                piece = piece.lstrip(b"\0") if self._is_begun else piece  # padding between members
                if not piece:
                    break
                self._member, self._is_begun = zlib.decompressobj(_GZIP), True
            taken += self._member.decompress(piece, most - len(taken))
            if not self._member.eof:
                break
            piece = self._member.unused_data
        return bytes(taken)
