"""What can be done with the material of KMS keys, without ever seeing it.

Material is stored sealed, and everything that uses it brings it along: whoever holds the root key needs no
state of its own, and a request that did not come through can be made again.
"""

from typing import NamedTuple, Protocol

import msgspec


class Material(msgspec.Struct, frozen=True, array_like=True, cache_hash=True):
    """The material of one key as it is stored: opened only as what all other fields together say that it is.

    `spec` and `usage` are those of `masugata.engines.keys`; `material_id` has 64 hexadecimal digits and
    follows from the key's id and the material.
    """

    account: str
    key_id: str
    material_id: str
    spec: str
    usage: str
    sealed: bytes


class DataKey(NamedTuple):
    """A data key: `plaintext` is empty if it was not asked for."""

    plaintext: bytes
    ciphertext: bytes

    def __repr__(self) -> str:
        return "<DataKey>"


class DataKeyPair(NamedTuple):
    """A pair: `private_key` (DER, PKCS #8) is empty if it was not asked for, `public_key` is DER too."""

    private_key: bytes
    public_key: bytes
    ciphertext: bytes

    def __repr__(self) -> str:
        return "<DataKeyPair>"


class WrappingKey(NamedTuple):
    """An RSA key under which somebody wraps key material: sealed, and its public half (DER)."""

    sealed: bytes
    public_key: bytes


class Materials(Protocol):
    """The operations that take private or secret material.

    A `context` is `canonical_context` of an encryption context. All raise `SealBrokenError` for material
    that is not what it says it is, `InvalidInputError` for what such a key cannot do or is not for, and
    `InvalidCiphertextError`. What a public key can do alone is in `masugata.engines.keys`: it is not stored
    either, as whoever writes to the database could exchange it, but asked for here.
    """

    def generate(self, account: str, key_id: str, spec: str, usage: str) -> Material:
        """New material for a key; RSA takes up to seconds."""
        ...

    def public_key(self, material: Material) -> bytes:
        """The public half of a key pair (DER, SubjectPublicKeyInfo)."""
        ...

    def encrypt(self, material: Material, plaintext: bytes, context: bytes) -> bytes:
        """A ciphertext that names key and material; for SYMMETRIC_DEFAULT."""
        ...

    def decrypt(self, material: Material, algorithm: str, ciphertext: bytes, context: bytes) -> bytes:
        """The plaintext of a ciphertext of this material; for SYMMETRIC_DEFAULT and RSA (without context)."""
        ...

    def re_encrypt(
        self,
        source: Material,
        source_algorithm: str,
        ciphertext: bytes,
        source_context: bytes,
        destination: Material,
        destination_algorithm: str,
        destination_context: bytes,
    ) -> bytes:
        """A ciphertext under another key, or in another context; the plaintext stays here.

        For SYMMETRIC_DEFAULT and RSA on either side.
        """
        ...

    def generate_data_key(
        self, material: Material, size: int, context: bytes, *, with_plaintext: bool
    ) -> DataKey:
        """`size` random bytes, encrypted under a SYMMETRIC_DEFAULT key."""
        ...

    def generate_data_key_pair(
        self, material: Material, spec: str, context: bytes, *, with_plaintext: bool
    ) -> DataKeyPair:
        """A key pair of an asymmetric `spec`, its private half encrypted under a SYMMETRIC_DEFAULT key."""
        ...

    def sign(self, material: Material, algorithm: str, message: bytes, message_type: str) -> bytes:
        """A signature; `message_type` is RAW, DIGEST or EXTERNAL_MU."""
        ...

    def generate_mac(self, material: Material, message: bytes) -> bytes:
        """The HMAC of a message, of the length that the key's spec says."""
        ...

    def verify_mac(self, material: Material, message: bytes, mac: bytes) -> bool:
        """Whether `mac` is that of the message, in constant time."""
        ...

    def derive_shared_secret(self, material: Material, public_key: bytes) -> bytes:
        """The ECDH secret (the x-coordinate) with somebody's public key (DER, SubjectPublicKeyInfo)."""
        ...

    def decapsulate(self, material: Material, ciphertext: bytes) -> bytes:
        """The 32 bytes that an ML-KEM ciphertext encapsulates."""
        ...

    def wrapping_key(self, spec: str) -> WrappingKey:
        """A new RSA key that unwraps imported material, and does nothing else."""
        ...

    def import_wrapped(
        self,
        account: str,
        key_id: str,
        spec: str,
        usage: str,
        wrapping_sealed: bytes,
        algorithm: str,
        wrapped: bytes,
    ) -> Material:
        """Material that was made elsewhere, wrapped under a `wrapping_key` by a wrapping algorithm.

        It is raw for SYMMETRIC_DEFAULT and HMAC, else PKCS #8 (DER). Raises `InvalidCiphertextError` for what
        does not unwrap, `InvalidInputError` for what was in it.
        """
        ...

    def forget(self, key_id: str) -> None:
        """Drop whatever is still open of this key: it was deleted, or its material was."""
        ...
