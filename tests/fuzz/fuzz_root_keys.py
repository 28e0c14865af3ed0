"""Fuzz target: no file of root keys, in no form, raises anything but our own errors, or opens by luck."""

import contextlib
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from masugata.keeper.errors import KeeperError
from masugata.keeper.recovery import recover
from masugata.keeper.ring import RecoveryKeys, RootKeyRing, parse_ring
from masugata.keeper.seals._pkcs11_uri import parse_token_key
from masugata.keeper.seals._wrapping import PassphraseHead, RecoveryHead, TokenHead, parse_wrapped, wrap

CIPHER = AESGCM(bytes(32))
RING = RootKeyRing({1: b"a" * 32, 7: b"b" * 32}, RecoveryKeys(b"c" * 32, b"d" * 32))
HEADS = (
    PassphraseHead(RING.fingerprint, 2, "0" * 32, 65_536, 3, 4),
    TokenHead(RING.fingerprint, 2),
)
SEEDS = (
    RootKeyRing({1: b"a" * 32}).to_text(),
    RING.to_text(),
    *(wrap(head, RING, CIPHER.encrypt) for head in HEADS),
    b"pkcs11:token=a;object=b%20c;id=%01?module-path=/lib.so&pin-source=file:/pin",
    b"academic acid acne acquire acrobat activity actress adapt adequate adjust admit adorn",
)
PIECES = (
    b"\n",
    b"masugata-root-key 2\n",
    b"masugata-root-sealed 1\n",
    b'{"seal":"',
    b"recovery ",
    b"%00",
    b";",
)
PATH = Path("fuzzed")
RECOVERY = parse_wrapped(
    wrap(RecoveryHead(RING.fingerprint, 2, "0" * 64, "0" * 64), RING, CIPHER.encrypt), PATH
)


def fuzz_one(data: bytes) -> None:
    """One text as a ring, a wrapped ring, a URI and a share; what is read must be what was written."""
    with contextlib.suppress(KeeperError):
        ring = parse_ring(data)
        if ring.to_text() != data and not data.startswith(b"masugata-root-key 2\n1 "):
            raise AssertionError("a ring is not what its text says")
    with contextlib.suppress(KeeperError):
        parse_token_key(data.decode("latin-1"))
    try:
        wrapped = parse_wrapped(data, PATH)
        ring = wrapped.open(CIPHER.decrypt)
    except (KeeperError, InvalidTag):
        pass
    else:
        if ring != RING:
            raise AssertionError("another ring than was wrapped")
    with contextlib.suppress(KeeperError):
        recover(RECOVERY, [data.decode("latin-1")], PATH)
