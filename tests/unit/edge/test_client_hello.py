"""Fingerprints of TLS clients, held against a worked example and a real handshake."""

import hashlib
import ssl
import struct

import pytest

from masugata.edge.client_hello import LONGEST_HELLO, ClientHello, Fingerprints


def vector(size: int, content: bytes) -> bytes:
    """A vector with a length of so many bytes."""
    return len(content).to_bytes(size, "big") + content


def numbers(*values: int) -> bytes:
    """Numbers of two bytes."""
    return b"".join(struct.pack("!H", value) for value in values)


def hello(ciphers: bytes, extensions: list[tuple[int, bytes]], version: int = 0x0303) -> bytes:
    """A TLS record with a ClientHello."""
    inner = b"".join(struct.pack("!H", kind) + vector(2, content) for kind, content in extensions)
    content = numbers(version) + b"\7" * 32 + vector(1, b"") + vector(2, ciphers) + vector(1, b"\0")
    return b"\x16\x03\x01" + vector(2, b"\1" + vector(3, content + vector(2, inner)))


def fingerprints(*pieces: bytes) -> Fingerprints | None:
    """Of a connection that begins with these pieces, of which the last one ends the hello."""
    reading = ClientHello()
    *before, last = map(reading.feed, pieces)
    assert not any(before)
    return reading.fingerprints() if last else None


def records(data: bytes, size: int) -> bytes:
    """The same message in records of so many bytes."""
    content = data[5:]
    return b"".join(data[:3] + vector(2, content[at : at + size]) for at in range(0, len(content), size))


def digest(text: str) -> str:
    """As JA4 cuts it."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


GREASE = 0x3A3A
EXTENSIONS = [
    (GREASE, b""),
    (0, vector(2, b"\0" + vector(2, b"a.example"))),
    (10, vector(2, numbers(GREASE, 0x001D, 0x0017))),
    (11, vector(1, b"\0")),
    (16, vector(2, vector(1, b"h2") + vector(1, b"http/1.1"))),
    (13, vector(2, numbers(0x0804, 0x0403))),
    (43, vector(1, numbers(GREASE, 0x0304, 0x0303))),
]


def test_by_hand() -> None:
    """JA3 and JA4 are what their definitions say of this hello, without the values of GREASE."""
    found = fingerprints(hello(numbers(GREASE, 0x1302, 0x1301, 0xC02B), EXTENSIONS))
    assert found is not None
    ja3 = "771,4866-4865-49195,0-10-11-16-13-43,29-23,0"
    assert found.ja3 == hashlib.md5(ja3.encode(), usedforsecurity=False).hexdigest()
    described = "000a,000b,000d,002b_0804,0403"
    assert found.ja4 == f"t13d0306h2_{digest('1301,1302,c02b')}_{digest(described)}"


def test_published_examples() -> None:
    """The two that salesforce/ja3 works out, and the Chrome of FoxIO-LLC/ja4."""
    suites = numbers(47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4)
    kinds = [(0, b""), (10, vector(2, numbers(23, 24, 25))), (11, vector(1, b"\0"))]
    for ciphers, extensions, ja3 in (
        (suites, kinds, "ada70206e40642a3e4461f35503241d5"),
        (numbers(4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99), [], "de350869b8c85de67a350c8d186f11e6"),
    ):
        found = fingerprints(hello(ciphers, extensions, 769))
        assert found is not None
        assert found.ja3 == ja3
    chrome = "2a2a 1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013 c014 009c 009d 002f 0035"
    more = (0x17, 0xFF01, 0x23, 5, 0x12, 0x33, 0x2D, 0x1B, 0x4469, 0x8A8A, 0x15)
    signatures = numbers(0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601)
    own = [one for one in EXTENSIONS if one[0] != 13] + [(13, vector(2, signatures))]
    found = fingerprints(hello(bytes.fromhex(chrome), own + [(kind, b"") for kind in more]))
    assert found is not None
    assert found.ja4 == "t13d1516h2_8daaf6152771_e5627efa2ab1"


def test_an_old_client() -> None:
    """Without extensions the version is that of the hello, and the last part is zeros."""
    found = fingerprints(hello(numbers(0x002F), [], 0x0302))
    assert found is not None
    assert found.ja4 == f"t11i010000_{digest('002f')}_000000000000"


def test_a_protocol_that_is_no_letter() -> None:
    """A protocol with other characters at its ends is told by its digits."""
    found = fingerprints(hello(numbers(0x1301), [(16, vector(2, vector(1, b"\xab\xcd")))]))
    assert found is not None
    assert found.ja4.startswith("t12i0101ad_")


def test_a_real_client() -> None:
    """A hello of this machine's OpenSSL is understood: it names its server and speaks TLS 1.3."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    client = context.wrap_bio(incoming, outgoing, server_hostname="a.example")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    data = outgoing.read()
    assert fingerprints(data[:-1]) is None
    found = fingerprints(data)
    assert found is not None
    assert found.ja4.startswith("t13d")
    assert found.ja4[8:10] == "h1"


def test_what_is_none() -> None:
    """Of anything else nothing is said, wherever it is cut."""
    whole = hello(numbers(0x1301), EXTENSIONS)
    for size in range(len(whole)):
        assert fingerprints(whole[:size]) is None
    assert fingerprints(b"GET / HTTP/1.1\r\n\r\n") is None
    assert fingerprints(b"") is None
    broken = hello(numbers(0x1301), [(43, b"\xff\x03"), (10, b"\0"), (16, b"")])
    found = fingerprints(broken)
    assert found is None or found.ja4.startswith("t12i")


@pytest.mark.parametrize("size", [1, 2, 3, 5, 40, 10_000])
@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_records_and_pieces(size: int, piece: int) -> None:
    """A hello has its fingerprints however it is cut: a client that cuts it escapes no rule."""
    whole = hello(numbers(GREASE, 0x1302, 0x1301), EXTENSIONS)
    cut = records(whole, size)
    found = fingerprints(*(cut[at : at + piece] for at in range(0, len(cut), piece)))
    assert found is not None
    assert found == fingerprints(whole)


def test_what_ends_a_hello() -> None:
    """Other records and empty ones, and more than is read; what may yet become one ends nothing."""
    start = hello(numbers(0x1301), EXTENSIONS)[5:25]
    begun = b"\x16\x03\x01" + vector(2, start)
    for end in (b"\x17\x03\x03\0\1a", b"\x16\x03\x03\0\0"):
        reading = ClientHello()
        assert not reading.feed(begun)
        assert reading.feed(end)
        assert reading.fingerprints() is None
    for longer in (0, 1):
        padding = (21, bytes(LONGEST_HELLO + longer - (len(hello(b"", [(21, b"")])) - 5)))
        assert (fingerprints(records(hello(b"", [padding]), 8_000)) is None) == bool(longer)
