"""The form of a ring that is wrapped, for files that are worth nothing by themselves.

    masugata-root-sealed 1
    {"seal":"passphrase","fingerprint":…}      a `Head`, as JSON
    <hexadecimal digits>                       nonce (12), the ring's text encrypted, tag (16)

The first two lines are authenticated with the third. What is in the head is no secret.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

import msgspec

from masugata.keeper.errors import RootKeyError
from masugata.keeper.ring import RootKeyRing, parse_ring
from masugata.keeper.seals._files import read_privately

LONGEST: Final = 16_384
NONCE_SIZE: Final = 12

Cipher: TypeAlias = Callable[[bytes, bytes, bytes], bytes]
"""Encrypts or decrypts, given nonce, text and what is authenticated with it."""

_FORM: Final = re.compile(rb"(masugata-root-sealed 1\n([^\n]{2,2048})\n)([0-9a-f]{58,12288})\n")


class PassphraseHead(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="passphrase", tag_field="seal"
):
    """How the key comes from a passphrase: by Argon2id, with this salt (hexadecimal) and these costs."""

    fingerprint: str
    root_keys: int
    salt: str
    memory_kib: int
    passes: int
    lanes: int


class TokenHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="pkcs11", tag_field="seal"):
    """The key is in a token; which one, the setting says."""

    fingerprint: str
    root_keys: int


class RecoveryHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="recovery", tag_field="seal"):
    """The key comes from the private half of `public`, and from `ephemeral` (X25519, hexadecimal)."""

    fingerprint: str
    root_keys: int
    public: str
    ephemeral: str


Head: TypeAlias = PassphraseHead | TokenHead | RecoveryHead

_decoder: Final = msgspec.json.Decoder(Head)


class Wrapped(NamedTuple):
    """A wrapped ring, taken apart; `lines` is what is authenticated."""

    head: Head
    lines: bytes
    nonce: bytes
    text: bytes

    def open(self, decrypt: Cipher) -> RootKeyRing:
        """The ring; raises what `decrypt` raises, and `RootKeyError` if the head tells another one."""
        ring = parse_ring(decrypt(self.nonce, self.text, self.lines))
        if (ring.fingerprint, len(ring.numbers)) != (self.head.fingerprint, self.head.root_keys):
            raise RootKeyError("the root keys are others than their file says")
        return ring


def wrap(head: Head, ring: RootKeyRing, encrypt: Cipher) -> bytes:
    """The text of a wrapped ring."""
    lines = b"masugata-root-sealed 1\n" + msgspec.json.encode(head) + b"\n"
    nonce = os.urandom(NONCE_SIZE)
    return lines + (nonce + encrypt(nonce, ring.to_text(), lines)).hex().encode() + b"\n"


def parse_wrapped(text: bytes, path: Path) -> Wrapped:
    """A wrapped ring in the file `path`, not yet opened; raises `RootKeyError`."""
    form = _FORM.fullmatch(text)
    if form is None or len(form[3]) % 2:
        raise RootKeyError(f"`{path}` does not hold root keys in a form that this program knows")
    try:
        head = _decoder.decode(form[2])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RootKeyError(f"the head of `{path}` is not one that this program knows: {error}") from error
    body = bytes.fromhex(form[3].decode())
    return Wrapped(head, form[1], body[:NONCE_SIZE], body[NONCE_SIZE:])


def read_wrapped(path: Path) -> Wrapped:
    """The wrapped ring in a file; raises `RootKeyMissingError` and `RootKeyError`."""
    return parse_wrapped(read_privately(path, LONGEST), path)
