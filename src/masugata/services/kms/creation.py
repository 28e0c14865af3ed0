"""CreateKey."""

from typing import TYPE_CHECKING

from masugata.authorization.resources.kms import default_policy
from masugata.call import Call
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.kms import (
    ENABLED,
    KEY,
    KEY_MATERIAL,
    MANAGED_BY_AWS,
    PENDING_IMPORT,
    Key,
    KeyMaterial,
)
from masugata.services.kms._common import arn
from masugata.services.kms._external_keys import check_unused, connected_store
from masugata.services.kms._key_policies import check_lockout, stored_key_policy
from masugata.services.kms._management import save
from masugata.services.kms._metadata import key_metadata
from masugata.services.kms._new_keys import (
    EXTERNAL,
    EXTERNAL_KEY_STORE,
    Prepared,
    prepare,
    slow_creation,
    wanted,
)
from masugata.services.kms._tags import read_tags

if TYPE_CHECKING:
    from masugata_types import kms as shapes

__all__ = ["create_key", "prepare", "slow_creation"]


def create_key(call: Call, request: "shapes.CreateKeyRequest") -> "shapes.CreateKeyResponse":
    """Create a key, with material unless that is to be imported.

    Raises what `wanted`, `read_tags`, `stored_key_policy`, `check_lockout` and, for external key stores,
    `connected_store` and `check_unused` raise, and LimitExceededException.
    """
    spec, usage, origin, multi_region = wanted(request)
    if origin == EXTERNAL_KEY_STORE:
        connected_store(call, request["CustomKeyStoreId"])
        check_unused(call, request["CustomKeyStoreId"], request["XksKeyId"])
    check_quota(call, call.region)
    prepared: Prepared = call.prepared
    material = prepared.material
    policy = request.get("Policy")
    key = Key(
        id=prepared.key_id,
        region=call.region,
        creation_date=call.now,
        description=request.get("Description", ""),
        policy=default_policy(call.account, call.partition)
        if policy is None
        else stored_key_policy(call, policy),
        spec=spec,
        usage=usage,
        origin=origin,
        state=PENDING_IMPORT if origin == EXTERNAL else ENABLED,
        tags=read_tags(call, request.get("Tags")),
        primary_region=call.region if multi_region else "",
        current_material="" if material is None else material.material_id,
        custom_key_store=request.get("CustomKeyStoreId", ""),
        xks_key=request.get("XksKeyId", ""),
    )
    if material is not None:
        record = KeyMaterial(
            id=material.material_id, key_id=key.id, sealed=material.sealed, create_date=call.now
        )
        call.transaction.put(KEY_MATERIAL, call.account, record, call.region)
    save(call, key)
    check_lockout(call, key, request)
    call.touches("AWS::KMS::Key", arn(call, call.account, key))
    return {"KeyMetadata": key_metadata(call, call.account, key)}


def check_quota(call: Call, region: str) -> None:
    """Whether the account may have one more key in a Region; raises LimitExceededException.

    Keys that AWS manages do not count, those that wait for their deletion do.
    """
    own = call.records.count(KEY, call.account, region)
    own -= len(call.records.referring(KEY, call.account, *MANAGED_BY_AWS, region))
    most = limit(call.limits, "kms.keys")
    if own >= most:
        raise AwsError(
            "LimitExceededException",
            f"The account {call.account} has reached its quota of {most} KMS keys in {region}.",
            400,
        )
