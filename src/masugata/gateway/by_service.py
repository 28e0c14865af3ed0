"""Calls that a service of this process makes, for somebody or for itself, and the keys that it has for that.

The server never says that a service calls, so no request from outside can be one.
"""

import uuid
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from masugata.engines.keys import ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT
from masugata.gateway.parts import Parts
from masugata.identity.caller import Caller
from masugata.identity.services import CallingService, ServicePrincipal
from masugata.records.kms import ALIAS, AWS_ALIAS_PREFIX, InvalidKeyNameError, parse_key_name
from masugata.store import Records
from masugata.wire import Route

ByService = CallingService | ServicePrincipal | None
_NAMING = ("KeyId", "SourceKeyId", "DestinationKeyId")


def missing_managed_key(
    route: Route, request: Mapping[str, Any], caller: Caller, region: str, records: Records
) -> str | None:
    """The alias of the AWS managed key that a service names first of all here, or None."""
    if route.service != "kms" or not caller.via:
        return None
    from masugata.services.kms.managed_keys import key_of_service  # noqa: PLC0415  few gateways need KMS

    for member in _NAMING:
        given = request.get(member)
        if not isinstance(given, str) or AWS_ALIAS_PREFIX not in given:
            continue
        try:
            named = parse_key_name(given, caller.account, region)
        except InvalidKeyNameError:
            continue
        own = named.account == caller.account and key_of_service(named.alias, caller.via[-1].name)
        if own and records.get(ALIAS, named.account, named.alias, region) is None:
            return named.alias
    return None


def make_managed_key(parts: Parts, alias: str, caller: Caller, region: str, now: datetime) -> "Future[None]":
    """Make an AWS managed key of the caller's account for the service through which it calls."""
    from masugata.services.kms.managed_keys import add_managed_key, managed_key_policy  # noqa: PLC0415

    key_id = str(uuid.UUID(bytes=parts.random(16), version=4))
    made = parts.keeper.materials.generate(caller.account, key_id, SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT)
    policy = managed_key_policy(caller.account, caller.via[-1].regional, caller.partition)
    return parts.store.submit(
        lambda transaction: add_managed_key(transaction, alias, region, policy, made, now)
    )


def through(caller: Caller, by: ByService, region: str) -> Caller:
    """The caller who called a service that now calls for it in a Region."""
    if not isinstance(by, CallingService):
        return caller
    return replace(caller, via=(CallingService(by.name, region),))
