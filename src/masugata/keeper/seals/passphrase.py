"""`passphrase:`: the root keys in `DIR/root.sealed`, encrypted under a key that comes from a passphrase.

The key is made by Argon2id with the costs that RFC 9106 recommends second (64 MiB, 3 passes, 4 lanes): the
first wants 2 GiB. They are in the file, so that others can be chosen later.
"""

import os
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from masugata.keeper.errors import RootKeyError, WrongSecretError
from masugata.keeper.ring import RootKeyRing
from masugata.keeper.seals._files import remove, write_new, write_over
from masugata.keeper.seals._seal import Outside
from masugata.keeper.seals._wrapping import PassphraseHead, read_wrapped, wrap

SHORTEST: Final = 12
LONGEST: Final = 1024
"""Bytes of a passphrase."""

_SALT_SIZE: Final = 16
_MEMORY_KIB: Final = 65_536
_MOST_MEMORY_KIB: Final = 4_194_304
_PASSES: Final = 3
_MOST_PASSES: Final = 64
_LANES: Final = 4
_MOST_LANES: Final = 16


class PassphraseSeal:
    """A ring in the file `root.sealed` of a folder."""

    uri = "passphrase:"
    needs_secret = True

    def __init__(self, folder: Path) -> None:
        self.path = folder / "root.sealed"
        self._key: tuple[PassphraseHead, AESGCM] | None = None

    def __repr__(self) -> str:
        return self.uri

    def exists(self) -> bool:
        """Whether anything has the file's name."""
        return os.path.lexists(self.path)

    def outside(self) -> Outside | None:
        """What the head of the file says."""
        head = read_wrapped(self.path).head
        return Outside(head.fingerprint, head.root_keys)

    def create(self, ring: RootKeyRing, secret: bytes, *, replace: bool = False) -> None:
        """Make the file, under a passphrase of at least 12 bytes."""
        if not SHORTEST <= len(secret) <= LONGEST:
            raise RootKeyError(f"a passphrase has {SHORTEST} to {LONGEST} bytes, this one has {len(secret)}")
        salt = os.urandom(_SALT_SIZE).hex()
        head = PassphraseHead(ring.fingerprint, len(ring.numbers), salt, _MEMORY_KIB, _PASSES, _LANES)
        text = wrap(head, ring, _cipher(secret, head).encrypt)
        (write_over if replace else write_new)(self.path, text)

    def open(self, secret: bytes) -> RootKeyRing:
        """The ring; takes a fifth of a second and 64 MiB."""
        wrapped = read_wrapped(self.path)
        head = wrapped.head
        if not isinstance(head, PassphraseHead):
            raise RootKeyError(f"`{self.path}` is not under a passphrase: set `seal` to what it is under")
        if not _bearable(head):
            raise RootKeyError(f"the costs in the head of `{self.path}` are not ones that this program takes")
        if len(secret) > LONGEST:
            raise WrongSecretError(_wrong(self.path))
        cipher = _cipher(secret, head)
        try:
            ring = wrapped.open(cipher.decrypt)
        except InvalidTag:
            raise WrongSecretError(_wrong(self.path)) from None
        self._key = (head, cipher)
        return ring

    def write(self, ring: RootKeyRing) -> None:
        """Put another ring into the file, under the passphrase that opened it."""
        if self._key is None:
            raise RootKeyError(f"`{self.path}` is not open")
        opened, cipher = self._key
        head = PassphraseHead(
            ring.fingerprint,
            len(ring.numbers),
            opened.salt,
            opened.memory_kib,
            opened.passes,
            opened.lanes,
        )
        write_over(self.path, wrap(head, ring, cipher.encrypt))

    def close(self) -> None:
        """Forget the key."""
        self._key = None

    def remove(self) -> None:
        """Remove the file."""
        remove(self.path)


def _bearable(head: PassphraseHead) -> bool:
    """Whether the costs protect, and do not exhaust the machine."""
    return (
        _MEMORY_KIB <= head.memory_kib <= _MOST_MEMORY_KIB
        and _PASSES <= head.passes <= _MOST_PASSES
        and 1 <= head.lanes <= _MOST_LANES
        and len(head.salt) == 2 * _SALT_SIZE
    )


def _cipher(secret: bytes, head: PassphraseHead) -> AESGCM:
    # Only who opens root keys needs it, once.
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415

    try:
        salt = bytes.fromhex(head.salt)
    except ValueError as error:
        raise RootKeyError("the salt of a passphrase is not hexadecimal") from error
    function = Argon2id(
        salt=salt, length=32, iterations=head.passes, lanes=head.lanes, memory_cost=head.memory_kib
    )
    return AESGCM(function.derive(secret))


def _wrong(path: Path) -> str:
    return f"the passphrase does not open `{path}`: it is wrong, or the file was changed"
