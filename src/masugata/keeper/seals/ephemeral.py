"""`ephemeral:`: root keys in memory, gone when the process ends."""

import os

from masugata.keeper.ring import FIRST, ROOT_KEY_SIZE, RootKeyRing
from masugata.keeper.seals._seal import Outside


class EphemeralSeal:
    """A ring in memory."""

    uri = "ephemeral:"
    path = None
    needs_secret = False

    def __init__(self) -> None:
        self._ring = RootKeyRing({FIRST: os.urandom(ROOT_KEY_SIZE)})

    def __repr__(self) -> str:
        return self.uri

    def exists(self) -> bool:
        """There is one from the beginning."""
        return True

    def outside(self) -> Outside | None:
        """What can be told of the ring."""
        return Outside(self._ring.fingerprint, len(self._ring.numbers))

    def create(self, ring: RootKeyRing, secret: bytes, *, replace: bool = False) -> None:
        """Keep a ring."""
        del secret
        if replace:
            self._ring = ring

    def open(self, secret: bytes) -> RootKeyRing:
        """The ring."""
        del secret
        return self._ring

    def write(self, ring: RootKeyRing) -> None:
        """Keep another ring."""
        self._ring = ring

    def close(self) -> None:
        """What is in memory stays there."""

    def remove(self) -> None:
        """What is in memory goes with it."""
