"""Builds an installation of many KMS keys through the store: seconds, where the API would take minutes."""

import os
import uuid
from datetime import UTC, datetime
from pathlib import Path

from masugata.authorization.resources.kms import default_policy
from masugata.engines.keys import ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT
from masugata.records.kms import KEY, KEY_MATERIAL, Key, KeyMaterial
from masugata.server.bootstrap import bootstrap
from masugata.server.installation import open_installation
from masugata.settings import Settings
from masugata.store import Transaction

REGION = "us-east-1"
CHUNK = 5_000


def build(folder: Path, keys: int) -> list[str]:
    """Make an installation in `folder` with so many symmetric keys; their ids."""
    settings = Settings(data=folder)
    store, keeper = open_installation(settings, create=True)
    now = datetime.now(UTC).replace(microsecond=0)
    account = bootstrap(store, keeper, settings, now, os.urandom).id
    policy = default_policy(account, "aws")
    ids = [str(uuid.uuid4()) for _ in range(keys)]

    def put(transaction: Transaction, chunk: list[str]) -> None:
        for key_id in chunk:
            material = keeper.materials.generate(account, key_id, SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT)
            record = KeyMaterial(
                id=material.material_id, key_id=key_id, sealed=material.sealed, create_date=now
            )
            key = Key(
                id=key_id,
                region=REGION,
                creation_date=now,
                policy=policy,
                spec=SYMMETRIC_DEFAULT,
                usage=ENCRYPT_DECRYPT,
                current_material=material.material_id,
            )
            transaction.put(KEY_MATERIAL, account, record, REGION)
            transaction.put(KEY, account, key, REGION)

    try:
        for first in range(0, keys, CHUNK):
            chunk = ids[first : first + CHUNK]
            store.submit(lambda transaction, chunk=chunk: put(transaction, chunk)).result()  # type: ignore[misc]
    finally:
        store.close()
    return ids
