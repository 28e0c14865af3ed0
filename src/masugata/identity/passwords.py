"""Passwords as they are kept: Argon2id, sealed by the keeper, with the earlier ones of the same owner.

All digests of an owner share one salt for as long as the parameters stay, so hashing a new password
once tells whether it equals any of the twenty-four before it. Why that is no loss: ADR 0018.
"""

import hmac
from collections.abc import Callable, Iterable

import msgspec
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from masugata.keeper import Keeper

PURPOSE = "password"
MOST_CHARACTERS = 128
MOST_EARLIER = 24
"""Earlier passwords that are remembered: as many as PasswordReusePrevention can ask for."""

_SALT_SIZE = 16
_DIGEST_SIZE = 32


class Parameters(msgspec.Struct, frozen=True, array_like=True):
    """The cost of one hash; `memory` in KiB."""

    iterations: int
    lanes: int
    memory: int


RECOMMENDED = Parameters(3, 1, 65_536)
"""The passes and the memory of RFC 9106's second recommended option (section 4), in one lane.

With more lanes OpenSSL starts threads for each hash. Two hashes at once then fail or never end (seen with
OpenSSL 4.0.3 and cryptography 50.0.2), and a guess costs an attacker no more.
"""


class Digest(msgspec.Struct, frozen=True, array_like=True):
    """One hashed password."""

    parameters: Parameters
    salt: bytes
    value: bytes


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """The sealed content of `LoginProfile.hashes`: the present password's digest, then the earlier ones."""

    version: int
    digests: tuple[Digest, ...]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Kept)


class Candidate:
    """A password that somebody gave, hashed so that it can be compared with the digests of one owner."""

    __slots__ = ("_values", "digest")

    def __init__(
        self,
        password: str,
        digests: Iterable[Digest],
        random: Callable[[int], bytes],
        parameters: Parameters | None = None,
    ) -> None:
        """Hash `password` once for each salt in `digests`; slow, so never in the writer or on the loop.

        `digest` is what to keep if this becomes the password: under the salt of those before it if
        their parameters are today's, else under a new one.
        """
        digests = tuple(digests)
        parameters = parameters or RECOMMENDED
        salt = next((d.salt for d in digests if d.parameters == parameters), None) or random(_SALT_SIZE)
        wanted = dict.fromkeys([(parameters, salt), *((d.parameters, d.salt) for d in digests)])
        self._values = {ways: _derive(password, *ways) for ways in wanted}
        self.digest = Digest(parameters, salt, self._values[parameters, salt])

    def equals(self, digest: Digest) -> bool:
        """Whether this is the password that `digest` was made of."""
        value = self._values.get((digest.parameters, digest.salt))
        return value is not None and hmac.compare_digest(value, digest.value)


def open_hashes(hashes: bytes, owner_id: str, keeper: Keeper) -> tuple[Digest, ...]:
    """The digests in `LoginProfile.hashes`, the present password's first; raises `SealBrokenError`."""
    return _decoder.decode(keeper.unseal(PURPOSE, hashes, owner_id.encode())).digests


def seal_hashes(digest: Digest, earlier: tuple[Digest, ...], owner_id: str, keeper: Keeper) -> bytes:
    """A new `LoginProfile.hashes` with `digest` as the present password; the oldest ones are forgotten."""
    kept = _Kept(1, (digest, *earlier[:MOST_EARLIER]))
    return keeper.seal(PURPOSE, _encoder.encode(kept), owner_id.encode())


def _derive(password: str, parameters: Parameters, salt: bytes) -> bytes:
    hashing = Argon2id(
        salt=salt,
        length=_DIGEST_SIZE,
        iterations=parameters.iterations,
        lanes=parameters.lanes,
        memory_cost=parameters.memory,
    )
    return hashing.derive(password.encode())
