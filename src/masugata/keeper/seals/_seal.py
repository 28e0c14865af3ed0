"""What every seal can do."""

from pathlib import Path
from typing import NamedTuple, Protocol

from masugata.keeper.ring import RootKeyRing


class Outside(NamedTuple):
    """What can be told of a ring without opening it."""

    fingerprint: str
    root_keys: int


class Seal(Protocol):
    """How the ring of root keys is kept while nobody uses it.

    All methods raise `RootKeyError`. A `secret` is what a person or a file gives: a passphrase, a PIN.
    """

    @property
    def uri(self) -> str:
        """The seal as the setting names it; it has no secret in it."""
        ...

    @property
    def path(self) -> Path | None:
        """The file of the ring, None if it is in memory."""
        ...

    @property
    def needs_secret(self) -> bool:
        """Whether it opens only for one who gives a secret."""
        ...

    def exists(self) -> bool:
        """Whether there is a ring."""
        ...

    def outside(self) -> Outside | None:
        """What can be told of the ring while it is closed; None if that is nothing."""
        ...

    def create(self, ring: RootKeyRing, secret: bytes, *, replace: bool = False) -> None:
        """Keep a ring for the first time; one that is there already stays unless it is to be replaced."""
        ...

    def open(self, secret: bytes) -> RootKeyRing:
        """The ring; raises `WrongSecretError`, and `RootKeyMissingError` if there is none."""
        ...

    def write(self, ring: RootKeyRing) -> None:
        """Keep another ring in the place of the one that was opened last, durably."""
        ...

    def close(self) -> None:
        """Forget what `open` learnt."""
        ...

    def remove(self) -> None:
        """Remove the ring, for it is kept elsewhere now."""
        ...
