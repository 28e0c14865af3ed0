"""What the rest of the house can ask of whoever holds the key material."""

from typing import Protocol

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
