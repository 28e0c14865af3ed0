"""Recovery: a copy of the ring in `DIR/root.recovery`, which some of the people who got shares open together.

The shares are SLIP-39 mnemonics of an X25519 private key, which nobody keeps. The ring holds the public key,
so each new ring can be wrapped for the same shares; and a second key that comes from the private one, so that
only a holder of the ring can have made what the shares open (as the PSK mode of RFC 9180 does it).
"""

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from masugata.engines.keys import derive
from masugata.keeper.errors import KeeperError, RootKeyError
from masugata.keeper.ring import RecoveryKeys, RootKeyRing
from masugata.keeper.seals._wrapping import RecoveryHead, Wrapped, wrap

MOST_SHARES: Final = 16
RECOVERY_FILE: Final = "root.recovery"

_SIZE: Final = 32

# X25519 and the word list are loaded by those who recover, or hand out shares.


def make_shares(shares: int, threshold: int) -> tuple[RecoveryKeys, tuple[str, ...]]:
    """New recovery keys and their shares, `threshold` of which are needed; the shares are nowhere else."""
    if not 2 <= threshold <= shares <= MOST_SHARES:
        raise KeeperError(f"2 to {MOST_SHARES} shares can be made, and 2 or more of them be needed")
    from shamir_mnemonic import generate_mnemonics  # noqa: PLC0415

    private = os.urandom(_SIZE)
    (mnemonics,) = generate_mnemonics(1, [(threshold, shares)], private)
    return _keys_of(private), tuple(map(str, mnemonics))


def wrap_for_recovery(ring: RootKeyRing) -> bytes:
    """The text of `root.recovery`; the ring must have recovery keys."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import (  # noqa: PLC0415
        X25519PrivateKey,
        X25519PublicKey,
    )

    if ring.recovery is None:
        raise KeeperError("there are no recovery shares")
    ephemeral = X25519PrivateKey.generate()
    public = ring.recovery.public
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
    sender = ephemeral.public_key().public_bytes_raw()
    head = RecoveryHead(ring.fingerprint, len(ring.numbers), public.hex(), sender.hex())
    return wrap(head, ring, _cipher(shared, ring.recovery, sender).encrypt)


def recover(wrapped: Wrapped, mnemonics: Iterable[str], path: Path) -> RootKeyRing:
    """The ring in a recovery file; raises `RootKeyError` with what is wrong with shares or file."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import (  # noqa: PLC0415
        X25519PrivateKey,
        X25519PublicKey,
    )

    head = wrapped.head
    if not isinstance(head, RecoveryHead):
        raise RootKeyError(f"`{path}` is not for recovery shares")
    private = _combined(mnemonics)
    keys = _keys_of(private)
    if keys.public.hex() != head.public:
        raise RootKeyError(f"these shares are not those of `{path}`: others were made since, or elsewhere")
    try:
        sender = bytes.fromhex(head.ephemeral)
        shared = X25519PrivateKey.from_private_bytes(private).exchange(
            X25519PublicKey.from_public_bytes(sender)
        )
        return wrapped.open(partial(_cipher(shared, keys, sender).decrypt))
    except (InvalidTag, ValueError) as error:
        raise RootKeyError(f"`{path}` was changed, or not made by who held the root keys") from error


def _combined(mnemonics: Iterable[str]) -> bytes:
    """The private key that shares make together; superfluous ones are left out."""
    from shamir_mnemonic import MnemonicError, Share, combine_mnemonics  # noqa: PLC0415

    unique = {" ".join(text.lower().split()): None for text in mnemonics}
    try:
        shares = [Share.from_mnemonic(text) for text in unique]
        needed = max((share.member_threshold for share in shares), default=2)
        if len(shares) < needed:
            raise RootKeyError(f"{needed} different shares are needed, and there are {len(shares)}")
        private = combine_mnemonics(list(unique)[:needed])
    except MnemonicError as error:
        raise RootKeyError(f"the shares do not fit together: {error}") from None
    if len(private) != _SIZE:
        raise RootKeyError("the shares are not of masugata")
    return bytes(private)


def _keys_of(private: bytes) -> RecoveryKeys:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey  # noqa: PLC0415

    public = X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    return RecoveryKeys(public, derive(private, b"masugata recovery proof", b""))


def _cipher(shared: bytes, keys: RecoveryKeys, sender: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    function = HKDF(SHA256(), 32, salt=sender + keys.public, info=b"masugata recovery")
    return AESGCM(function.derive(shared + keys.proof))
