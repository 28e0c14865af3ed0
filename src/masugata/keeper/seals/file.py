"""`file:PATH`: the root keys in a file of their own, as they are; whoever can read it can open everything.

It is text, so that it can be printed and kept in a safe: see `masugata.keeper.ring` for the form.
"""

import os
from pathlib import Path

from masugata.keeper.errors import RootKeyError
from masugata.keeper.ring import LONGEST_RING, InvalidRingError, RootKeyRing, parse_ring
from masugata.keeper.seals._files import read_privately, remove, write_new, write_over
from masugata.keeper.seals._seal import Outside


class FileSeal:
    """A ring in the file `path`."""

    needs_secret = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.uri = f"file:{path}"

    def __repr__(self) -> str:
        return self.uri

    def exists(self) -> bool:
        """Whether anything has the file's name, a dead link included."""
        return os.path.lexists(self.path)

    def outside(self) -> Outside | None:
        """What can be told of the ring."""
        ring = self.open(b"")
        return Outside(ring.fingerprint, len(ring.numbers))

    def create(self, ring: RootKeyRing, secret: bytes, *, replace: bool = False) -> None:
        """Make the file."""
        del secret
        (write_over if replace else write_new)(self.path, ring.to_text())

    def open(self, secret: bytes) -> RootKeyRing:
        """The ring in the file."""
        del secret
        text = read_privately(self.path, LONGEST_RING)
        try:
            return parse_ring(text)
        except InvalidRingError as error:
            if error.damaged:
                raise RootKeyError(
                    f"the root key `{self.path}` is damaged; put it back from the place where you keep it"
                ) from None
            raise RootKeyError(f"`{self.path}` is not a root key that this program knows") from None

    def write(self, ring: RootKeyRing) -> None:
        """Put another ring into the file."""
        write_over(self.path, ring.to_text())

    def close(self) -> None:
        """Nothing is remembered."""

    def remove(self) -> None:
        """Remove the file."""
        remove(self.path)
