"""Fuzz target: whatever begins a TLS connection, its fingerprints are the same however it comes in pieces.

The first byte says how the others are cut.
"""

from masugata.edge.client_hello import ClientHello, Fingerprints

EXTENSIONS = bytes.fromhex("000a0006000400170018001000050003026832002b0003020304000b00020100")
HELLO = bytes.fromhex("0303" + "07" * 32 + "0000041301c02b0100") + b"\0%c" % len(EXTENSIONS) + EXTENSIONS
MESSAGE = b"\1\0\0%c" % len(HELLO) + HELLO
RECORD = b"\x16\3\1\0%c"
SEEDS = (
    b"\1" + RECORD % len(MESSAGE) + MESSAGE,
    b"\5" + RECORD % 6 + MESSAGE[:6] + RECORD % (len(MESSAGE) - 6) + MESSAGE[6:],
)
PIECES = (b"\x16\x03\x01\0\0", b"\x16\x03\x01\0\1", b"\x17\x03\x03\0\1a", b"\xff\xff", b"\0\x0a", b"\x3a\x3a")


def fuzz_one(data: bytes) -> None:
    """The bytes as a client's."""
    if not data:
        return
    size, sent = data[0] or 1, data[1:]
    whole, cut = ClientHello(), ClientHello()
    found = whole.fingerprints() if whole.feed(sent) else None
    if found != _in_pieces(cut, sent, size):
        raise AssertionError(f"other fingerprints in pieces of {size}")


def _in_pieces(reading: ClientHello, sent: bytes, size: int) -> Fingerprints | None:
    for at in range(0, len(sent), size):
        if reading.feed(sent[at : at + size]):
            return reading.fingerprints()
    return None
