"""Grants: what one principal may do with one key, beside what the key policy says."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
import orjson

from masugata.records.kind import Kind

GRANT_OPERATIONS: Final = frozenset(
    {
        "CreateGrant", "Decapsulate", "Decrypt", "DeriveSharedSecret", "DescribeKey", "Encapsulate",
        "Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext", "GenerateMac", "GetPublicKey", "ReEncryptFrom", "ReEncryptTo",
        "RetireGrant", "Sign", "Verify", "VerifyMac",
    }
)  # fmt: skip
"""What a grant can allow. Source:
https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grant-operations"""


class Scope(NamedTuple):
    """What a grant allows, and under which constraints."""

    operations: frozenset[str]
    context_equals: Mapping[str, str] | None
    context_subset: Mapping[str, str] | None
    source_arn: str

    @property
    def context(self) -> Mapping[str, str]:
        """The pairs that every encryption context has that meets the constraints."""
        return (self.context_subset or {}) if self.context_equals is None else self.context_equals

    @property
    def constrained(self) -> bool:
        """Whether it does not hold for every request of its operations."""
        return bool(self.context_equals is not None or self.context_subset or self.source_arn)

    def accepts(self, context: Mapping[str, str]) -> bool:
        """Whether an encryption context meets the constraints; keys and values are case-sensitive."""
        if self.context_equals is not None:
            return context == self.context_equals
        return context.items() >= self.context.items()

    def covers(self, other: "Scope") -> bool:
        """Whether the other one allows nothing more than this one, and under no looser constraints.

        Source: https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html
        """
        if not other.operations <= self.operations or self.source_arn not in ("", other.source_arn):
            return False
        if self.context_equals is not None:
            return other.context_equals == self.context_equals
        return other.context.items() >= self.context.items()


class Grant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A grant; a member that CreateGrant was not given is empty. `id` has 64 hexadecimal digits.

    `grantee` is a principal as it is stored: the unique id of a user, of a role (`AROA…`) or of one of its
    sessions (`AROA…:name`), the ARN of an account's root or of a federated user, or the name of a service;
    `retiring` likewise. So nobody who is created under a freed name gets what another one was granted.
    At most one of `context_equals` and `context_subset` is set.
    """

    version: int = 1
    id: str
    key_id: str
    creation_date: datetime
    issuing_account: str
    grantee: str
    grantee_is_service: bool = False
    retiring: str = ""
    retiring_is_service: bool = False
    operations: tuple[str, ...] = ()
    name: str = ""
    context_equals: Mapping[str, str] | None = None
    context_subset: Mapping[str, str] | None = None
    source_arn: str = ""

    @property
    def scope(self) -> Scope:
        """What it allows, and under which constraints."""
        operations = frozenset(self.operations)
        return Scope(operations, self.context_equals, self.context_subset, self.source_arn)


def grants_for(key_id: str, grantee: str, context: Mapping[str, str]) -> Iterator[str]:
    """The values of the reference "use" under which all grants for a context are that a grantee can have.

    There may be others under them, where a constraint has several pairs.
    """
    start = _use(key_id, grantee)
    yield start
    yield start + _exactly(context)
    for pair in context.items():
        yield start + _pair(pair)


def _use(key_id: str, grantee: str) -> str:
    return f"{key_id} {grantee} "


def _exactly(context: Mapping[str, str]) -> str:
    return orjson.dumps(context, option=orjson.OPT_SORT_KEYS).decode()


def _pair(pair: tuple[str, str]) -> str:
    return orjson.dumps(pair).decode()


def _constraint(grant: Grant) -> str:
    """Where to look for a grant when the encryption context is known."""
    if grant.context_equals is not None:
        return _exactly(grant.context_equals)
    return _pair(max(grant.context_subset.items())) if grant.context_subset else ""


def _references(grant: Grant) -> Iterator[tuple[str, str]]:
    yield "key", grant.key_id
    yield "grantee", f"{grant.key_id} {grant.grantee}"
    yield "use", _use(grant.key_id, grant.grantee) + _constraint(grant)
    if grant.name:
        yield "name", f"{grant.key_id} {grant.name}"
    if grant.retiring:
        yield "retiring", grant.retiring


GRANT = Kind(
    "kms", "grant", Grant, key=lambda r: f"{r.key_id}/{r.id}", names=lambda _: [], references=_references
)
