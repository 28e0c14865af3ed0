"""Operations on keys."""

import uuid
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from masugata.authorization.resources.kms import default_policy
from masugata.call import Call
from masugata.engines.keys import SYMMETRIC_DEFAULT
from masugata.keeper import NewMaterial
from masugata.records.kms import (
    CREATING,
    DISABLED,
    ENABLED,
    KEY,
    KEY_MATERIAL,
    PENDING_DELETION,
    PENDING_IMPORT,
    PENDING_REPLICA_DELETION,
    UPDATING,
    Key,
    KeyMaterial,
)
from masugata.services.kms._common import arn, check_state, find, find_own, page, page_start
from masugata.services.kms._metadata import key_metadata

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_NO_SWITCHING = (CREATING, PENDING_DELETION, PENDING_IMPORT, PENDING_REPLICA_DELETION, UPDATING)


def new_material(call: Call, request: "shapes.CreateKeyRequest") -> NewMaterial:
    """The material of a key that is to be created, made before the writer is asked for: RSA takes long."""
    key_id = str(uuid.UUID(bytes=call.random(16), version=4))
    return call.keeper.materials.generate(call.account, key_id, request.get("KeySpec", SYMMETRIC_DEFAULT))


def create_key(call: Call, request: "shapes.CreateKeyRequest") -> "shapes.CreateKeyResponse":
    """Create a key."""
    made: NewMaterial = call.prepared
    material = made.material
    key = Key(
        id=material.key_id,
        region=call.region,
        creation_date=call.now,
        description=request.get("Description", ""),
        policy=request.get("Policy") or default_policy(call.account, call.partition),
        spec=material.spec,
        usage=request.get("KeyUsage", "ENCRYPT_DECRYPT"),
        public_key=made.public_key,
        current_material=material.material_id,
    )
    record = KeyMaterial(id=material.material_id, key_id=key.id, sealed=material.sealed, create_date=call.now)
    call.transaction.put(KEY_MATERIAL, call.account, record, call.region)
    call.transaction.put(KEY, call.account, key, call.region)
    call.touches("AWS::KMS::Key", arn(call, call.account, key))
    return {"KeyMetadata": key_metadata(call, call.account, key)}


def describe_key(call: Call, request: "shapes.DescribeKeyRequest") -> "shapes.DescribeKeyResponse":
    """All that is known of a key; raises NotFoundException."""
    account, key = find(call, request["KeyId"])
    return {"KeyMetadata": key_metadata(call, account, key)}


def enable_key(call: Call, request: "shapes.EnableKeyRequest") -> dict[str, Any]:
    """Let a key be used again; raises NotFoundException and KMSInvalidStateException."""
    return _switch(call, request["KeyId"], ENABLED)


def disable_key(call: Call, request: "shapes.DisableKeyRequest") -> dict[str, Any]:
    """Keep a key from being used; raises as `enable_key`."""
    return _switch(call, request["KeyId"], DISABLED)


def list_keys(call: Call, request: "shapes.ListKeysRequest") -> "shapes.ListKeysResponse":
    """The keys of the account in this Region, by id; raises InvalidMarkerException."""
    keys = call.records.scan(KEY, call.account, call.region, after=page_start(request))
    listed, end = page(request, keys, lambda key: key.id)
    entries: list[shapes.KeyListEntry] = [
        {"KeyId": key.id, "KeyArn": arn(call, call.account, key)} for key in listed
    ]
    return {"Keys": entries, **end}


def _switch(call: Call, name: str, state: str) -> dict[str, Any]:
    key = find_own(call, name)
    check_state(call, call.account, key, *_NO_SWITCHING)
    call.transaction.put(KEY, call.account, replace(key, state=state), call.region)
    return {}
