"""The material of KMS keys, opened and used in this process."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from masugata.engines.keys import (
    RANDOM_SIZE,
    SYMMETRIC_DEFAULT,
    InvalidCiphertextError,
    decrypt,
    derive,
    encrypt,
)
from masugata.keeper.errors import InvalidInputError
from masugata.keeper.materials import DataKey, Material, NewMaterial

_PURPOSE: Final = "kms-material"
_OPENED_LIMIT: Final = 4096
_SYMMETRIC_SIZE: Final = 32


class LocalMaterials:
    """`Materials` by the functions that seal and unseal under the root key. `random(n)` gives n bytes."""

    __slots__ = ("_opened", "_random", "_seal", "_unseal")

    def __init__(
        self,
        seal: Callable[[str, bytes, bytes], bytes],
        unseal: Callable[[str, bytes, bytes], bytes],
        random: Callable[[int], bytes],
    ) -> None:
        self._seal = seal
        self._unseal = unseal
        self._random = random
        self._opened: OrderedDict[Material, bytes] = OrderedDict()

    def __repr__(self) -> str:
        return "<LocalMaterials>"

    def generate(self, account: str, key_id: str, spec: str) -> NewMaterial:
        """New material for a key."""
        if spec != SYMMETRIC_DEFAULT:
            raise InvalidInputError(f"a key of `{spec}` cannot be made here")
        return NewMaterial(self._sealed(account, key_id, spec, self._random(_SYMMETRIC_SIZE)), b"")

    def encrypt(self, material: Material, plaintext: bytes, context: bytes) -> bytes:
        """A ciphertext that names key and material; for SYMMETRIC_DEFAULT."""
        secret = self._symmetric(material)
        random = self._random(RANDOM_SIZE)
        return encrypt(secret, material.key_id, material.material_id, plaintext, context, random=random)

    def decrypt(self, material: Material, algorithm: str, ciphertext: bytes, context: bytes) -> bytes:
        """The plaintext of a ciphertext of this material."""
        if algorithm != SYMMETRIC_DEFAULT:
            raise InvalidCiphertextError
        return decrypt(self._symmetric(material), ciphertext, context)

    def generate_data_key(
        self, material: Material, size: int, context: bytes, *, with_plaintext: bool
    ) -> DataKey:
        """`size` random bytes, encrypted under a SYMMETRIC_DEFAULT key."""
        plaintext = self._random(size)
        return DataKey(plaintext if with_plaintext else b"", self.encrypt(material, plaintext, context))

    def _symmetric(self, material: Material) -> bytes:
        if material.spec != SYMMETRIC_DEFAULT:
            raise InvalidInputError(f"a key of `{material.spec}` does not encrypt symmetrically")
        return self._open(material)

    def _open(self, material: Material) -> bytes:
        """The secret, remembered for the materials that were used last."""
        secret = self._opened.get(material)
        if secret is None:
            secret = self._unseal(_PURPOSE, material.sealed, _identity(material))
            self._opened[material] = secret
            if len(self._opened) > _OPENED_LIMIT:
                self._opened.popitem(last=False)
        return secret

    def _sealed(self, account: str, key_id: str, spec: str, secret: bytes) -> Material:
        material_id = derive(secret, b"masugata kms material", key_id.encode()).hex()
        material = Material(account, key_id, material_id, spec, b"")
        return Material(account, key_id, material_id, spec, self._seal(_PURPOSE, secret, _identity(material)))


def _identity(material: Material) -> bytes:
    """What a sealed material is bound to; none of the parts has a line break in it."""
    return f"{material.account}\n{material.key_id}\n{material.material_id}\n{material.spec}".encode()
