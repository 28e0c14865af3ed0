"""The material of KMS keys, opened and used in this process."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from masugata.engines import keys
from masugata.engines.keys import (
    ENCAPSULATE_DECAPSULATE,
    ENCRYPT_DECRYPT,
    KEY_AGREEMENT,
    KEY_SPECS,
    RANDOM_SIZE,
    SIGN_VERIFY,
    SYMMETRIC_DEFAULT,
    InvalidCiphertextError,
    InvalidInputError,
)
from masugata.keeper.errors import SealBrokenError
from masugata.keeper.materials import DataKey, DataKeyPair, Material, WrappingKey
from masugata.keeper.opened import Opened

MATERIAL_PURPOSE: Final = "kms-material"
_WRAPPING_PURPOSE: Final = "kms-wrapping-key"
KEPT_PURPOSES: Final = frozenset((MATERIAL_PURPOSE, _WRAPPING_PURPOSE))
"""Of what is sealed and opened for use in here alone; no process that asks the keeper is given it."""

_OPENED_LIMIT: Final = 4096
# What a wrapping key is bound to besides its purpose is in the import token, which its holder seals.
_WRAPPING_IDENTITY: Final = b""


class LocalMaterials:
    """`Materials` by the functions that seal and unseal under the root key. `random(n)` gives n bytes.

    Several threads may use it at once, if they may use those functions.
    """

    __slots__ = ("_pairs", "_random", "_seal", "_secrets", "_unseal")

    def __init__(
        self,
        seal: Callable[[str, bytes, bytes], bytes],
        unseal: Callable[[str, bytes, bytes], bytes],
        random: Callable[[int], bytes],
    ) -> None:
        self._seal = seal
        self._unseal = unseal
        self._random = random
        self._secrets: Opened[bytes] = Opened(_OPENED_LIMIT)
        self._pairs: Opened[keys.PrivateKey] = Opened(_OPENED_LIMIT)

    def __repr__(self) -> str:
        return "<LocalMaterials>"

    def generate(self, account: str, key_id: str, spec: str, usage: str) -> Material:
        """New material for a key."""
        return self._new(account, key_id, spec, usage, keys.generate(spec, self._random))

    def public_key(self, material: Material) -> bytes:
        """The public half of a key pair."""
        return keys.public_key_of(self._pair(material, material.usage))

    def encrypt(self, material: Material, plaintext: bytes, context: bytes) -> bytes:
        """A ciphertext that names key and material; for SYMMETRIC_DEFAULT."""
        secret = self._symmetric(material)
        random = self._random(RANDOM_SIZE)
        return keys.encrypt(secret, material.key_id, material.material_id, plaintext, context, random=random)

    def decrypt(self, material: Material, algorithm: str, ciphertext: bytes, context: bytes) -> bytes:
        """The plaintext of a ciphertext of this material."""
        if algorithm != SYMMETRIC_DEFAULT:
            _check_no_context(context)
            return keys.decrypt_with_private_key(self._pair(material, ENCRYPT_DECRYPT), algorithm, ciphertext)
        secret = self._symmetric(material)
        if keys.header_of(ciphertext) != (material.key_id, material.material_id):
            raise InvalidCiphertextError
        return keys.decrypt(secret, ciphertext, context)

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
        """A ciphertext under another key, or in another context."""
        plaintext = self.decrypt(source, source_algorithm, ciphertext, source_context)
        if destination_algorithm == SYMMETRIC_DEFAULT:
            return self.encrypt(destination, plaintext, destination_context)
        _check_no_context(destination_context)
        public_key = keys.public_key_of(self._pair(destination, ENCRYPT_DECRYPT))
        return keys.encrypt_with_public_key(destination.spec, public_key, destination_algorithm, plaintext)

    def generate_data_key(
        self, material: Material, size: int, context: bytes, *, with_plaintext: bool
    ) -> DataKey:
        """`size` random bytes, encrypted under a SYMMETRIC_DEFAULT key."""
        plaintext = self._random(size)
        return DataKey(plaintext if with_plaintext else b"", self.encrypt(material, plaintext, context))

    def generate_data_key_pair(
        self, material: Material, spec: str, context: bytes, *, with_plaintext: bool
    ) -> DataKeyPair:
        """A key pair, its private half encrypted under a SYMMETRIC_DEFAULT key."""
        self._symmetric(material)  # before the work is done
        if spec not in KEY_SPECS or not KEY_SPECS[spec].asymmetric:
            raise InvalidInputError(f"a key of `{spec}` is no key pair")
        secret = keys.generate(spec, self._random)
        public_key = keys.public_key_of(keys.open_secret(spec, secret))
        ciphertext = self.encrypt(material, secret, context)
        return DataKeyPair(secret if with_plaintext else b"", public_key, ciphertext)

    def sign(self, material: Material, algorithm: str, message: bytes, message_type: str) -> bytes:
        """A signature; `message_type` is RAW, DIGEST or EXTERNAL_MU."""
        return keys.sign(self._pair(material, SIGN_VERIFY), algorithm, message, message_type)

    def generate_mac(self, material: Material, message: bytes) -> bytes:
        """The HMAC of a message."""
        return keys.generate_mac(material.spec, self._secret(material), message)

    def verify_mac(self, material: Material, message: bytes, mac: bytes) -> bool:
        """Whether `mac` is that of the message."""
        return keys.verify_mac(material.spec, self._secret(material), message, mac)

    def derive_shared_secret(self, material: Material, public_key: bytes) -> bytes:
        """The ECDH secret with somebody's public key."""
        return keys.derive_shared_secret(self._pair(material, KEY_AGREEMENT), public_key)

    def decapsulate(self, material: Material, ciphertext: bytes) -> bytes:
        """The 32 bytes that an ML-KEM ciphertext encapsulates."""
        return keys.decapsulate(self._pair(material, ENCAPSULATE_DECAPSULATE), ciphertext)

    def wrapping_key(self, spec: str) -> WrappingKey:
        """A new RSA key that unwraps imported material, and does nothing else."""
        if spec not in keys.WRAPPING_SPECS:
            raise InvalidInputError(f"a key of `{spec}` wraps no key material")
        secret = keys.generate(spec, self._random)
        public_key = keys.public_key_of(keys.open_secret(spec, secret))
        sealed = self._seal(_WRAPPING_PURPOSE, spec.encode() + b"\n" + secret, _WRAPPING_IDENTITY)
        return WrappingKey(sealed, public_key)

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
        """Material that was made elsewhere, wrapped under a `wrapping_key`."""
        opened = self._unseal(_WRAPPING_PURPOSE, wrapping_sealed, _WRAPPING_IDENTITY)
        wrapping_spec, _, secret = opened.partition(b"\n")
        wrapping_key = keys.open_secret(wrapping_spec.decode(), secret)
        imported = keys.import_secret(spec, keys.unwrap(wrapping_key, algorithm, wrapped))
        return self._new(account, key_id, spec, usage, imported)

    def forget(self, key_id: str) -> None:
        """Drop whatever is still open of this key."""
        self._secrets.forget(key_id)
        self._pairs.forget(key_id)

    def _new(self, account: str, key_id: str, spec: str, usage: str, secret: bytes) -> Material:
        unsealed = Material(account, key_id, _material_id(key_id, secret), spec, usage, b"")
        return replace(unsealed, sealed=self._seal(MATERIAL_PURPOSE, secret, material_identity(unsealed)))

    def _symmetric(self, material: Material) -> bytes:
        if material.spec != SYMMETRIC_DEFAULT:
            raise InvalidInputError(f"a key of `{material.spec}` does not encrypt symmetrically")
        return self._secret(material)

    def _secret(self, material: Material) -> bytes:
        return self._secrets.get(material, self._opened)

    def _pair(self, material: Material, usage: str) -> "keys.PrivateKey":
        """The private key of a material that is for this usage."""
        if material.usage != usage:
            raise InvalidInputError(f"a key for {material.usage} is not for {usage}")
        return self._pairs.get(material, self._read)

    def _read(self, material: Material) -> "keys.PrivateKey":
        return keys.open_secret(material.spec, self._opened(material))

    def _opened(self, material: Material) -> bytes:
        """The secret of a material that is what it says it is."""
        secret = self._unseal(MATERIAL_PURPOSE, material.sealed, material_identity(material))
        if _material_id(material.key_id, secret) != material.material_id:
            raise SealBrokenError("the sealed material is not the one that its id names")
        return secret


def _material_id(key_id: str, secret: bytes) -> str:
    return keys.derive(secret, b"masugata kms material", key_id.encode()).hex()


def material_identity(material: Material) -> bytes:
    """What a sealed material is bound to; none of the parts has a line break in it."""
    parts = (material.account, material.key_id, material.material_id, material.spec, material.usage)
    return "\n".join(parts).encode()


def _check_no_context(context: bytes) -> None:
    if context:
        raise InvalidInputError("only a symmetric key takes an encryption context")
