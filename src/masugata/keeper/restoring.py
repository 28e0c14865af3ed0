"""Keeping root keys under a new seal after the old one was lost, by recovery shares."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from masugata.keeper.errors import KeeperError, RootKeyError
from masugata.keeper.recovery import RECOVERY_FILE, recover
from masugata.keeper.seals import default_seal, find_seal
from masugata.keeper.seals._files import set_aside
from masugata.keeper.seals._wrapping import read_wrapped


class RestoredRing(NamedTuple):
    """What was restored, and where the file of the old seal is now, if there was one."""

    fingerprint: str
    seal: str
    aside: Path | None


def restore_ring(
    folder: Path, shares: Sequence[str], uri: str | None, secret: Callable[[], bytes], suffix: str
) -> RestoredRing:
    """Open `root.recovery` by shares and keep its ring under the seal `uri`, or the one that there was.

    `secret` is asked for the new seal's secret once the shares are right. A file that is in the place goes
    aside, with `suffix` added to its name: it may hold newer keys. Raises `RootKeyError`.
    """
    path = folder / RECOVERY_FILE
    ring = recover(read_wrapped(path), shares, path)
    seal = find_seal(default_seal(folder) if uri is None else uri, folder)
    if seal.path is None:
        raise KeeperError("`ephemeral:` would lose the root keys")
    given = secret() if seal.needs_secret else b""
    aside = set_aside(seal.path, f"replaced-{suffix}")
    seal.create(ring, given)
    if seal.open(given) != ring:
        raise RootKeyError(f"`{seal.path}` does not read back as it was written")
    seal.close()
    return RestoredRing(ring.fingerprint, seal.uri, aside)
