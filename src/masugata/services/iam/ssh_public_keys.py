"""Operations on SSH public keys of users.

AWS takes them for CodeCommit alone; here whatever lets a user in by SSH can read those that are active.
"""

import hashlib
from base64 import b64decode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm

from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.identifiers import unique_id
from masugata.records.iam import SSH_PUBLIC_KEY, SSHPublicKey, User
from masugata.services.iam._common import find_user, page, quota_exceeded, whole_seconds
from masugata.services.iam._owned import find_owned, is_active, owned, user_or_caller

if TYPE_CHECKING:
    from masugata_types import iam as shapes

SSH_PUBLIC_KEYS_PER_USER = 5
_MINIMUM_BITS = 2048
_MAXIMUM_BITS = 16_384
_PEM = "-----BEGIN"


def upload_ssh_public_key(
    call: Call, request: "shapes.UploadSSHPublicKeyRequest"
) -> "shapes.UploadSSHPublicKeyResponse":
    """Give a user an RSA public key, in OpenSSH's form or in PEM; it is active at once."""
    user = find_user(call, request["UserName"])
    body = _openssh(request["SSHPublicKeyBody"].strip())
    fingerprint = _fingerprint(body)
    keys = owned(call, SSH_PUBLIC_KEY, user.id)
    if any(key.fingerprint == fingerprint for key in keys):
        message = f"The SSH public key is already associated with the user {user.name}."
        raise AwsError("DuplicateSSHPublicKey", message, 400)
    if len(keys) >= SSH_PUBLIC_KEYS_PER_USER:
        raise quota_exceeded("SSHPublicKeysPerUser", SSH_PUBLIC_KEYS_PER_USER)
    key = SSHPublicKey(
        id=unique_id("APKA", call.random),
        owner_id=user.id,
        body=body,
        fingerprint=fingerprint,
        upload_date=whole_seconds(call),
    )
    _put(call, user, key)
    return {"SSHPublicKey": _shape(user, key, "SSH")}


def get_ssh_public_key(
    call: Call, request: "shapes.GetSSHPublicKeyRequest"
) -> "shapes.GetSSHPublicKeyResponse":
    """One key of a user, in the form that is asked for: SSH or PEM."""
    user = find_user(call, request["UserName"])
    key = _find(call, user, request)
    return {"SSHPublicKey": _shape(user, key, request["Encoding"])}


def list_ssh_public_keys(
    call: Call, request: "shapes.ListSSHPublicKeysRequest"
) -> "shapes.ListSSHPublicKeysResponse":
    """The keys of a user, or of the caller, without the keys themselves."""
    user = user_or_caller(call, request.get("UserName"))
    chosen, end = page(owned(call, SSH_PUBLIC_KEY, user.id), request, "SSHPublicKeys", SSH_PUBLIC_KEY.key)
    shown: list[shapes.SSHPublicKeyMetadata] = [
        {
            "UserName": user.name,
            "SSHPublicKeyId": key.id,
            "Status": "Active" if key.active else "Inactive",
            "UploadDate": key.upload_date,
        }
        for key in chosen
    ]
    return {"SSHPublicKeys": shown, **end}


def update_ssh_public_key(call: Call, request: "shapes.UpdateSSHPublicKeyRequest") -> dict[str, object]:
    """Switch a key on or off."""
    user = find_user(call, request["UserName"])
    active = is_active(request["Status"], "a public key")
    key = _find(call, user, request)
    _put(call, user, msgspec.structs.replace(key, active=active))
    return {}


def delete_ssh_public_key(call: Call, request: "shapes.DeleteSSHPublicKeyRequest") -> dict[str, object]:
    """Delete a key, active or not."""
    user = find_user(call, request["UserName"])
    key = _find(call, user, request)
    call.transaction.delete(SSH_PUBLIC_KEY, call.account, key.id)
    call.touches("AWS::IAM::User", user.name)
    return {}


# What reads keys is imported where it is used, as in `_pem`.


def _openssh(text: str) -> str:
    """The RSA key in a text, alone: no comment and no options, which a server that trusts it could act on.

    Raises UnrecognizedPublicKeyEncoding and InvalidPublicKey.
    """
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415

    pem = text.startswith(_PEM)
    load = serialization.load_pem_public_key if pem else serialization.load_ssh_public_key
    try:
        key = load(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise AwsError(
            "UnrecognizedPublicKeyEncoding",
            "The public key must be in the form of OpenSSH (ssh-rsa) or in PEM.",
            400,
        ) from None
    if not isinstance(key, RSAPublicKey) or not _MINIMUM_BITS <= key.key_size <= _MAXIMUM_BITS:
        message = f"The public key must be an RSA key of {_MINIMUM_BITS} to {_MAXIMUM_BITS} bits."
        raise AwsError("InvalidPublicKey", message, 400)
    form = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    return key.public_bytes(*form).decode()


def _pem(body: str) -> str:
    """A key in OpenSSH's form in that of PEM."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return serialization.load_ssh_public_key(body.encode()).public_bytes(*form).decode()


def _fingerprint(body: str) -> str:
    digest = hashlib.md5(b64decode(body.split()[1]), usedforsecurity=False).hexdigest()
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))


def _find(call: Call, user: User, request: Mapping[str, Any]) -> SSHPublicKey:
    return find_owned(call, SSH_PUBLIC_KEY, user.id, request["SSHPublicKeyId"], "Public Key")


def _put(call: Call, user: User, key: SSHPublicKey) -> None:
    call.transaction.put(SSH_PUBLIC_KEY, call.account, key)
    call.touches("AWS::IAM::User", user.name)


def _shape(user: User, key: SSHPublicKey, encoding: str) -> "shapes.SSHPublicKey":
    body = key.body
    if encoding == "PEM":
        body = _pem(body)
    elif encoding != "SSH":
        raise AwsError("UnrecognizedPublicKeyEncoding", "The encoding must be SSH or PEM.", 400)
    return {
        "UserName": user.name,
        "SSHPublicKeyId": key.id,
        "Fingerprint": key.fingerprint,
        "SSHPublicKeyBody": body,
        "Status": "Active" if key.active else "Inactive",
        "UploadDate": key.upload_date,
    }
