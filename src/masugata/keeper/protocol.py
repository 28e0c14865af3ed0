"""What the rest of the house can ask of whoever holds the key material."""

from typing import Protocol

import msgspec

from masugata.keeper.materials import Materials

ACCESS_KEY_PURPOSE = "access-key"
"""The purpose under which secret access keys are sealed; signing keys are derived from these only."""


class Keeper(Protocol):
    """Seals secrets for storage and derives signing keys without giving the secret away."""

    @property
    def sealed(self) -> bool:
        """Whether the root keys are not open; then everything else raises `SealedError`."""
        ...

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that tell the newest root key from others and nothing else."""
        ...

    def holds(self, fingerprint: str) -> bool:
        """Whether the root key with this fingerprint is here, and opens what was sealed under it."""
        ...

    @property
    def materials(self) -> Materials:
        """What can be done with the material of KMS keys."""
        ...

    def seal(self, purpose: str, plaintext: bytes, identity: bytes) -> bytes:
        """Encrypt `plaintext`; only the same purpose and identity open it again.

        `identity` names the row that the secret belongs to, so that rows cannot be swapped.
        """
        ...

    def unseal(self, purpose: str, blob: bytes, identity: bytes) -> bytes:
        """The plaintext of a sealed blob; raises `SealBrokenError`."""
        ...

    def reseal(self, purpose: str, blob: bytes, identity: bytes) -> bytes:
        """The secret of a blob sealed under the newest root key; raises `SealBrokenError`.

        The plaintext stays here. A blob that is under the newest root key already comes back as it is.
        """
        ...

    def sigv4_key(self, sealed_secret: bytes, identity: bytes, date: str, region: str, service: str) -> bytes:
        """The signing key of a secret sealed under `ACCESS_KEY_PURPOSE`; raises `SealBrokenError`.

        `date` is `YYYYMMDD` as in the credential scope. Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
        """
        ...

    def sigv4a_public_key(self, sealed_secret: bytes, identity: bytes) -> bytes:
        """The public key of a secret sealed under `ACCESS_KEY_PURPOSE`; raises `SealBrokenError`.

        `identity` is the access key id. The answer is an uncompressed point on P-256 (65 bytes); the
        private key stays here, so who has it can verify and not sign.
        """
        ...


class SealStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How the root keys are kept, which is no secret.

    `seal` is the URI of the seal, `root_keys` are their numbers, none while they are sealed. `fingerprint` is
    that of the newest; it is empty, and `root_key_count` 0, if that cannot be told. `needs_secret` says
    whether only somebody with a passphrase or a PIN can open them.
    """

    sealed: bool
    seal: str
    needs_secret: bool
    fingerprint: str
    root_key_count: int
    root_keys: tuple[int, ...]
    recovery: bool
    attempts_left: int


class SealableKeeper(Keeper, Protocol):
    """A keeper that can lock its root keys away; until they are open again, all else raises `SealedError`.

    Where the seal needs a secret, `proof` is that secret: whoever can reach the keeper may use keys, but not
    carry them away or throw them away.
    """

    def status(self) -> SealStatus:
        """How the root keys are kept now."""
        ...

    def unseal_root(self, secret: bytes) -> SealStatus:
        """Open the root keys with what their seal asks for.

        Raises `WrongSecretError`, and `TooManyAttemptsError` for the sixth attempt within a minute: then
        nothing is tried.
        """
        ...

    def seal_root(self) -> SealStatus:
        """Close the root keys, and forget all that was opened with them."""
        ...

    def add_root_key(self, after: int) -> SealStatus:
        """Seal under a new root key from now on, unless there is one newer than `after` already."""
        ...

    def forget_root_key(self, number: int, proof: bytes) -> SealStatus:
        """Forget an old root key: what is still sealed under it opens never again."""
        ...

    def migrate_seal(self, uri: str, secret: bytes, proof: bytes) -> SealStatus:
        """Keep the root keys under another seal, see that it opens, then remove the old one."""
        ...

    def make_recovery(self, shares: int, threshold: int, proof: bytes) -> tuple[str, ...]:
        """New recovery shares; earlier ones open nothing any more. They are kept nowhere."""
        ...
