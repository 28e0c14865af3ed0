"""What the rest of the house can ask of whoever holds the key material."""

from typing import NamedTuple, Protocol, runtime_checkable

from masugata.keeper.materials import Materials

ACCESS_KEY_PURPOSE = "access-key"
"""The purpose under which secret access keys are sealed; signing keys are derived from these only."""


class Keeper(Protocol):
    """Seals secrets for storage and derives signing keys without giving the secret away."""

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that tell one root key from another and nothing else."""
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


class SealStatus(NamedTuple):
    """How a root key is kept: the scheme of its seal, and whether it is sealed, so that nobody can use it."""

    seal: str
    sealed: bool


@runtime_checkable
class SealableKeeper(Keeper, Protocol):
    """A keeper that can lock its root key away; until it is unsealed, all else raises `SealedError`."""

    def status(self) -> SealStatus:
        """How the root key is kept now."""
        ...

    def unseal_root(self, secret: bytes) -> SealStatus:
        """Open the root key with what its seal asks for; raises `RootKeyError` if it is not that."""
        ...

    def seal_root(self) -> SealStatus:
        """Forget the root key and all that was opened with it."""
        ...
