"""Keeping root keys under a new seal after the old one was lost, by recovery shares."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from masugata.keeper.errors import KeeperError, RootKeyError
from masugata.keeper.recovery import RECOVERY_FILE, recover
from masugata.keeper.seals import SEALED_FILE, default_seal, find_seal
from masugata.keeper.seals._files import keep_aside, remove
from masugata.keeper.seals._wrapping import read_wrapped


class RestoredRing(NamedTuple):
    """What was restored, and where the files of old seals are now."""

    fingerprint: str
    seal: str
    aside: tuple[Path, ...]


def restore_ring(
    folder: Path, shares: Sequence[str], uri: str | None, secret: Callable[[], bytes], suffix: str
) -> RestoredRing:
    """Open `root.recovery` by shares and keep its ring under the seal `uri`, or the one that there was.

    `secret` is asked for the new seal's secret once the shares are right. The old seal's file is kept, with
    `suffix` added to its name: it may hold newer keys. It stays in its place until the new one takes it, so
    whoever fails begins again. Raises `RootKeyError`.
    """
    path = folder / RECOVERY_FILE
    ring = recover(read_wrapped(path), shares, path)
    seal = find_seal(default_seal(folder) if uri is None else uri, folder)
    if seal.path is None:
        raise KeeperError("`ephemeral:` would lose the root keys")
    given = secret() if seal.needs_secret else b""
    sealed = folder.absolute() / SEALED_FILE  # whoever starts without a setting takes it for the seal
    aside = [keep_aside(place, f"replaced-{suffix}") for place in {seal.path: None, sealed: None}]
    seal.create(ring, given, replace=True)
    if seal.open(given) != ring:
        raise RootKeyError(f"`{seal.path}` does not read back as it was written")
    seal.close()
    if seal.path != sealed:
        remove(sealed)
    return RestoredRing(ring.fingerprint, seal.uri, tuple(filter(None, aside)))
