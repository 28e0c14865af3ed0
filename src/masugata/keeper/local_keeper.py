"""A keeper whose root keys can be closed and opened while the program runs."""

import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Final

from masugata.keeper.errors import KeeperError, RootKeyError, SealedError, TooManyAttemptsError
from masugata.keeper.materials import Materials
from masugata.keeper.protocol import SealStatus
from masugata.keeper.recovery import RECOVERY_FILE, make_shares, wrap_for_recovery
from masugata.keeper.ring import LAST, ROOT_KEY_SIZE, RootKeyRing
from masugata.keeper.sealing import RootKeeper
from masugata.keeper.seals import Seal, find_seal
from masugata.keeper.seals._files import write_over

ATTEMPTS: Final = 5
"""Attempts to open the root keys with a secret that may be made within a minute."""


class LocalKeeper:
    """A `SealableKeeper` that holds the root keys in this process, while they are open.

    `clock` gives seconds that only grow. All methods may be called from any thread.
    """

    def __init__(self, seal: Seal, folder: Path | None, clock: Callable[[], float] = monotonic) -> None:
        self._seal = seal
        self._folder = folder
        self._clock = clock
        self._changing = Lock()
        self._attempts: deque[float] = deque(maxlen=ATTEMPTS)
        self._ring: RootKeyRing | None = None
        self._keeper: RootKeeper | None = None

    def __repr__(self) -> str:
        return f"<Keeper {self._seal.uri}>"

    def __reduce__(self) -> str:
        raise TypeError("a keeper does not leave its process")

    @property
    def sealed(self) -> bool:
        """Whether the root keys are not open."""
        return self._keeper is None

    @property
    def needs_secret(self) -> bool:
        """Whether only somebody with a passphrase or a PIN can open them."""
        return self._seal.needs_secret

    def status(self) -> SealStatus:
        """How the root keys are kept, and whether they are open."""
        ring = self._ring
        outside = None
        if ring is None:
            try:
                outside = self._seal.outside()
            except RootKeyError:  # who opens it will hear why
                outside = None
        return SealStatus(
            sealed=ring is None,
            seal=self._seal.uri,
            needs_secret=self._seal.needs_secret,
            fingerprint=ring.fingerprint if ring else outside.fingerprint if outside else "",
            root_key_count=len(ring.numbers) if ring else outside.root_keys if outside else 0,
            root_keys=ring.numbers if ring else (),
            recovery=self._folder is not None and (self._folder / RECOVERY_FILE).exists(),
            attempts_left=ATTEMPTS - self._recent(),
        )

    def unseal_root(self, secret: bytes = b"") -> SealStatus:
        """Open the root keys with a passphrase or a PIN; a seal that needs none takes none."""
        with self._changing:
            if self._keeper is None:
                self._use(self._attempt(secret))
        return self.status()

    def seal_root(self) -> SealStatus:
        """Close the root keys; they can be used no more until they are opened again."""
        with self._changing:
            self._keeper = self._ring = None
            self._seal.close()
        return self.status()

    def add_root_key(self, after: int = LAST) -> SealStatus:
        """Add a root key, under which everything is sealed from now on; one newer than `after` is enough."""
        with self._changing:
            ring = self._open_ring()
            if ring.newest <= after:
                self._keep(ring.adding(os.urandom(ROOT_KEY_SIZE)))
        return self.status()

    def forget_root_key(self, number: int, proof: bytes = b"") -> SealStatus:
        """Forget an old root key; one that is not there was forgotten before."""
        with self._changing:
            self._prove(proof)
            ring = self._open_ring()
            if number in ring.numbers:
                self._keep(ring.forgetting(number))
        return self.status()

    def migrate_seal(self, uri: str, secret: bytes, proof: bytes = b"") -> SealStatus:
        """Keep the root keys under another seal, see that it opens, then remove the old one."""
        with self._changing:
            self._prove(proof)
            ring = self._open_ring()
            if self._folder is None or self._seal.path is None:
                raise KeeperError("root keys in memory stay there")
            new = find_seal(uri, self._folder)
            if new.path is None:
                raise KeeperError("`ephemeral:` would lose the root keys")
            if new.uri != self._seal.uri or new.needs_secret:
                if new.path != self._seal.path:
                    _check_replaceable(new, ring)
                new.create(ring, secret, replace=True)
                if new.open(secret) != ring:
                    raise RootKeyError(
                        f"`{new.path}` does not read back as it was written; the old seal stays"
                    )
                old, self._seal = self._seal, new
                # One file can have several names.
                if old.path is not None and old.path.exists() and not old.path.samefile(new.path):
                    old.remove()
                old.close()
        return self.status()

    def make_recovery(self, shares: int, threshold: int, proof: bytes = b"") -> tuple[str, ...]:
        """New recovery shares; earlier ones open nothing any more. They are kept nowhere."""
        with self._changing:
            self._prove(proof)
            if self._folder is None:
                raise KeeperError("root keys in memory cannot be recovered")
            keys, mnemonics = make_shares(shares, threshold)
            ring = self._open_ring().recoverable_by(keys)
            # In this order a crash leaves shares that work: the earlier ones, or none.
            self._seal.write(ring)
            write_over(self._folder / RECOVERY_FILE, wrap_for_recovery(ring))
            self._use(ring)
            return mnemonics

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that tell the newest root key from others and nothing else."""
        return self._open().fingerprint

    @property
    def materials(self) -> Materials:
        """What can be done with the material of KMS keys."""
        return self._open().materials

    def holds(self, fingerprint: str) -> bool:
        """Whether the root key with this fingerprint is here."""
        return self._open().holds(fingerprint)

    def seal(self, purpose: str, plaintext: bytes, identity: bytes) -> bytes:
        """Encrypt `plaintext` under the newest root key."""
        return self._open().seal(purpose, plaintext, identity)

    def unseal(self, purpose: str, blob: bytes, identity: bytes) -> bytes:
        """The plaintext of a sealed blob."""
        return self._open().unseal(purpose, blob, identity)

    def reseal(self, purpose: str, blob: bytes, identity: bytes) -> bytes:
        """The same secret under the newest root key."""
        return self._open().reseal(purpose, blob, identity)

    def sigv4_key(self, sealed_secret: bytes, identity: bytes, date: str, region: str, service: str) -> bytes:
        """The signing key of a sealed secret access key."""
        return self._open().sigv4_key(sealed_secret, identity, date, region, service)

    def sigv4a_public_key(self, sealed_secret: bytes, identity: bytes) -> bytes:
        """The public key of a sealed secret access key."""
        return self._open().sigv4a_public_key(sealed_secret, identity)

    def _open(self) -> RootKeeper:
        keeper = self._keeper
        if keeper is None:
            raise SealedError
        return keeper

    def _open_ring(self) -> RootKeyRing:
        if self._ring is None:
            raise SealedError
        return self._ring

    def _attempt(self, secret: bytes) -> RootKeyRing:
        """The ring, if the secret is right; wrong ones are counted."""
        if not self._seal.needs_secret:
            return self._seal.open(secret)
        if self._recent() >= ATTEMPTS:
            raise TooManyAttemptsError(
                f"{ATTEMPTS} attempts to open the root keys were made within a minute: wait"
            )
        self._attempts.append(self._clock())
        ring = self._seal.open(secret)
        self._attempts.clear()
        return ring

    def _prove(self, proof: bytes) -> None:
        """Raise unless whoever asks has the secret of the seal, if it has one."""
        self._open_ring()
        if self._seal.needs_secret:
            self._attempt(proof)

    def _use(self, ring: RootKeyRing) -> None:
        self._ring, self._keeper = ring, RootKeeper(ring, self._seal.uri)

    def _keep(self, ring: RootKeyRing) -> None:
        """Keep another ring, durably, before anything is sealed under it."""
        if ring.recovery is not None and self._folder is not None:
            write_over(self._folder / RECOVERY_FILE, wrap_for_recovery(ring))
        self._seal.write(ring)
        self._use(ring)

    def _recent(self) -> int:
        since = self._clock() - 60
        return sum(moment > since for moment in tuple(self._attempts))


def _check_replaceable(seal: Seal, ring: RootKeyRing) -> None:
    """Raise unless the place of a seal is free, or holds what an attempt before has left of this ring."""
    if not seal.exists():
        return
    outside = seal.outside()
    if outside is None or outside.fingerprint not in ring.fingerprints:
        raise RootKeyError(f"`{seal.path}` holds other root keys, which would be lost: move it away first")
