"""Events of what KMS does with keys by itself."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from masugata.records.account import ACCOUNT
from masugata.records.kms import Key, key_arn
from masugata.store import Transaction
from masugata.trail import service_event


def key_event(
    transaction: Transaction,
    name: str,
    account: str,
    key: Key,
    details: Mapping[str, Any],
    *,
    now: datetime,
    random: Callable[[int], bytes],
) -> None:
    """Record an event about a key in its account and Region."""
    owner = transaction.get(ACCOUNT, account, account)
    partition = "aws" if owner is None else owner.partition
    named = key_arn(account, key.region, key.id, partition=partition)
    transaction.emit(
        service_event(
            "kms",
            name,
            account,
            details,
            now=now,
            random=random,
            region=key.region,
            resources=(("AWS::KMS::Key", named),),
        )
    )
