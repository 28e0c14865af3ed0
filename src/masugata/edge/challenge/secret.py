"""The secret under which an installation signs tokens and puzzles, and the keys that follow from it."""

import hmac
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from masugata.errors import MasugataError

_BYTES: Final = 32
_DAY: Final = 86_400
_REMEMBERED: Final = 16
_LONGEST_FILE: Final = 1024


class TokenSecretError(MasugataError):
    """The secret cannot be read, or others can read it."""


class TokenSecret:
    """Keys by purpose and day (HMAC-SHA-256 of both). All edges of an installation have the same secret."""

    def __init__(self, secret: bytes) -> None:
        """Of 32 random bytes."""
        if len(secret) != _BYTES:
            raise TokenSecretError(f"a token secret has {_BYTES} bytes, not {len(secret)}")
        self._secret = secret
        self._keys: dict[tuple[str, int], bytes] = {}

    @classmethod
    def load(cls, path: Path) -> "TokenSecret":
        """From a file that only its owner can read; it is made if it is not there.

        Whichever of several processes is first makes it. Raises `TokenSecretError`.
        """
        try:
            if not path.exists():
                _make(path)
            with path.open("rb") as file:
                if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                    raise TokenSecretError(f"`{path}` can be read by others: its mode has to be 0600")
                return cls(bytes.fromhex(file.read(_LONGEST_FILE).decode("ascii")))
        except OSError as error:
            raise TokenSecretError(f"the token secret `{path}`: {error.strerror}") from error
        except ValueError as error:
            raise TokenSecretError(f"`{path}` is not a token secret: 64 hexadecimal digits are") from error

    def key(self, purpose: str, time: int) -> bytes:
        """The key of the day that this time, in seconds since 1970, is of."""
        named = (purpose, time // _DAY)
        key = self._keys.get(named)
        if key is None:
            key = hmac.digest(self._secret, b"%b %d" % (purpose.encode(), named[1]), "sha256")
            if len(self._keys) >= _REMEMBERED:
                self._keys.clear()
            self._keys[named] = key
        return key


def _make(path: Path) -> None:
    new = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, secrets.token_hex(_BYTES).encode() + b"\n")
        os.fsync(file)
        with suppress(FileExistsError):  # another was first
            os.link(new, path)
    finally:
        os.close(file)
        new.unlink()
