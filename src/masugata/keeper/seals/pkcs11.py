"""`pkcs11:…`: the root keys in `DIR/root.sealed`, encrypted under a key that never leaves its token.

Whoever starts masugata needs the token, and its PIN: in the file that `pin-source` names, or given as the
secret.
"""

import os
from functools import partial
from pathlib import Path
from typing import Final

from masugata.keeper.errors import RootKeyError
from masugata.keeper.ring import RootKeyRing
from masugata.keeper.seals._files import read_privately, remove, write_new, write_over
from masugata.keeper.seals._pkcs11_uri import TokenKey
from masugata.keeper.seals._seal import Outside
from masugata.keeper.seals._token import decrypt, encrypt, opened_key
from masugata.keeper.seals._wrapping import TokenHead, parse_wrapped, read_wrapped, wrap

_LONGEST_PIN: Final = 256


class TokenSeal:
    """A ring in the file `root.sealed` of a folder, under a token's key."""

    def __init__(self, where: TokenKey, folder: Path) -> None:
        self.uri = where.uri
        self.path = folder / "root.sealed"
        self._where = where
        self._secret = b""

    def __repr__(self) -> str:
        return self.uri

    @property
    def needs_secret(self) -> bool:
        """Whether no file has the PIN."""
        return self._where.pin_source is None

    def exists(self) -> bool:
        """Whether anything has the file's name."""
        return os.path.lexists(self.path)

    def outside(self) -> Outside | None:
        """What the head of the file says."""
        head = read_wrapped(self.path).head
        return Outside(head.fingerprint, head.root_keys)

    def create(self, ring: RootKeyRing, secret: bytes, *, replace: bool = False) -> None:
        """Make the file, and the token's key if it has none yet."""
        head = TokenHead(ring.fingerprint, len(ring.numbers))
        with opened_key(self._where, self._pin(secret), make=True) as key:
            text = wrap(head, ring, partial(encrypt, key))
        # In another session, before anything is replaced: a key that the token did not keep opens nothing.
        with opened_key(self._where, self._pin(secret), make=False) as key:
            if parse_wrapped(text, self.path).open(partial(decrypt, key)) != ring:
                raise RootKeyError(f"the token of `{self.uri}` does not give back what it encrypted")
        (write_over if replace else write_new)(self.path, text)

    def open(self, secret: bytes) -> RootKeyRing:
        """The ring."""
        wrapped = read_wrapped(self.path)
        if not isinstance(wrapped.head, TokenHead):
            raise RootKeyError(
                f"`{self.path}` is not under a token's key: set `seal` to what it is under (`passphrase:`)"
            )
        with opened_key(self._where, self._pin(secret), make=False) as key:
            ring = wrapped.open(partial(decrypt, key))
        self._secret = secret
        return ring

    def write(self, ring: RootKeyRing) -> None:
        """Put another ring into the file."""
        head = TokenHead(ring.fingerprint, len(ring.numbers))
        with opened_key(self._where, self._pin(self._secret), make=False) as key:
            text = wrap(head, ring, partial(encrypt, key))
        write_over(self.path, text)

    def close(self) -> None:
        """Forget a PIN that was given."""
        self._secret = b""

    def remove(self) -> None:
        """Remove the file; the token's key stays in the token."""
        remove(self.path)

    def _pin(self, secret: bytes) -> bytes:
        if self._where.pin_source is None:
            return secret
        return read_privately(self._where.pin_source, _LONGEST_PIN).removesuffix(b"\n")
