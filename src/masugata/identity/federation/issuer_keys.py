"""The keys that an OpenID Connect issuer signs with, as its JSON Web Key Set publishes them.

Sources: RFC 7517, RFC 7518; "Create an OpenID Connect identity provider in IAM" for what AWS takes.
"""

import binascii
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from masugata.identity.federation._json import json_object

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

ALGORITHMS: Mapping[str, str] = {
    "RS256": "RSA",
    "RS384": "RSA",
    "RS512": "RSA",
    "ES256": "P-256",
    "ES384": "P-384",
    "ES512": "P-521",
}
"""The algorithms that a token may be signed with, and the sort of key each takes. All are asymmetric."""

MOST_KEYS = 100
"""Of each type, RSA and EC; IAM refuses issuers that publish more."""
_RSA_BITS = range(2048, 8193)
_EXPONENT_BITS = range(2, 33)


class UnusableKeysError(ValueError):
    """A document of an issuer is not what it should be."""


class IssuerKey(msgspec.Struct, frozen=True):
    """A public key: its `sort` is RSA or the name of the curve; `algorithm` is None if any may be used."""

    key_id: str
    sort: str
    algorithm: str | None
    members: dict[str, str]

    def fits(self, algorithm: str) -> bool:
        """Whether a token signed by `algorithm` may be verified with this key."""
        return ALGORITHMS.get(algorithm) == self.sort and self.algorithm in {None, algorithm}

    def joserfc_key(self) -> "RSAKey | ECKey":
        """The key for the library that verifies; raises ValueError or JoseError."""
        from joserfc.jwk import ECKey, RSAKey  # noqa: PLC0415  as in tokens.check_signature

        if self.sort == "RSA":
            return RSAKey.import_key({"kty": "RSA", **self.members})
        return ECKey.import_key({"kty": "EC", "crv": self.sort, **self.members})


def read_keys(document: bytes) -> dict[str, list[IssuerKey]]:
    """The keys of a key set that tokens may be signed with, by key id; raises ValueError.

    Keys for other purposes, of other types and without an id are passed over.
    """
    listed = json_object(document).get("keys")
    if not isinstance(listed, list):
        raise UnusableKeysError("the key set has no `keys`")
    for kind in ("RSA", "EC"):
        if sum(isinstance(item, dict) and item.get("kty") == kind for item in listed) > MOST_KEYS:
            raise UnusableKeysError(f"the key set has more than {MOST_KEYS} {kind} keys")
    found: dict[str, list[IssuerKey]] = {}
    for item in listed:
        key = _key(item) if isinstance(item, dict) else None
        if key is not None:
            found.setdefault(key.key_id, []).append(key)
    return found


def _key(item: Mapping[str, Any]) -> IssuerKey | None:
    key_id, algorithm = item.get("kid"), item.get("alg")
    if not isinstance(key_id, str) or item.get("use", "sig") != "sig":
        return None
    if algorithm is not None and not (isinstance(algorithm, str) and algorithm in ALGORITHMS):
        return None
    names = ("n", "e") if item.get("kty") == "RSA" else ("x", "y")
    members = {name: item[name] for name in names if isinstance(item.get(name), str)}
    if len(members) != len(names):
        return None
    if item.get("kty") == "RSA":
        bounded = _bits(members["n"]) in _RSA_BITS and _bits(members["e"]) in _EXPONENT_BITS
        return IssuerKey(key_id, "RSA", algorithm, members) if bounded else None
    curve = item.get("crv")
    known = item.get("kty") == "EC" and isinstance(curve, str) and curve in ALGORITHMS.values()
    return IssuerKey(key_id, str(curve), algorithm, members) if known and curve != "RSA" else None


def _bits(text: str) -> int:
    """The length of a number in base64url, 0 if it is none."""
    try:
        return int.from_bytes(urlsafe_b64decode(text + "=" * (-len(text) % 4))).bit_length()
    except (binascii.Error, ValueError):
        return 0
