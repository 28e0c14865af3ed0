"""Principals of policies as they are stored: users and roles by unique id, not by ARN.

Whoever deletes and recreates a user or role under the same name gets another unique id, and so does
not regain what policies granted to the one before.
Source: IAM User Guide, "AWS JSON policy elements: Principal".
"""

import json
import re
from collections.abc import Callable
from typing import Any, Protocol

from masugata.arn import Arn, InvalidArnError, parse_arn
from masugata.records.iam import ROLE, USER, Role, User, entity_by_arn, iam_arn
from masugata.records.kind import Kind, R

_ACCOUNT = re.compile(r"[0-9]{12}")
_UNIQUE_ID = re.compile(r"(?P<id>(?:AIDA|AROA)[A-Z2-7]{17})(?::(?P<session>[\w+=,.@-]{2,64}))?", re.ASCII)
_SESSION = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# A service may have names under its own (`ops.apigateway`), and one in each Region.
_SERVICE = re.compile(rf"(?:{_LABEL}\.)+(?:amazonaws\.com(?:\.cn)?|aws\.internal)")
_DIGITS = 1000  # of an integer, which Python itself refuses to read if it has many more
_BEYOND_LATIN_1 = re.compile(r"[^\x00-\xff]")


class _RecordsByName(Protocol):
    def get(self, kind: Kind[R], account: str, key: str, /) -> R | None: ...

    def by_name(self, kind: Kind[R], label: str, value: str, /) -> tuple[str, str, R] | None: ...


def with_principals(document: str, change: Callable[[str, str], str], *, indent: int | None = None) -> str:
    """The policy as compact, or indented, JSON in the same order of members, its principals changed.

    The grammar, checked before, leaves no other place where they could be named.
    """
    policy = json.loads(document, parse_int=_integer, parse_float=_decimal)
    statements = policy["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        principals = statement.get("Principal", statement.get("NotPrincipal"))
        if not isinstance(principals, dict):
            continue  # everybody
        for kind, named in principals.items():
            several = isinstance(named, list)
            principals[kind] = [change(kind, one) for one in named] if several else change(kind, named)
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(policy, ensure_ascii=False, separators=separators, indent=indent)
    # policies may hold only Latin-1: what the author wrote as an escape must stay one
    return _BEYOND_LATIN_1.sub(lambda match: json.dumps(match[0])[1:-1], text)


def _integer(text: str) -> int | str:
    """A number, if it is written the same way again; else its text, which means the same in a policy."""
    return int(text) if len(text) < _DIGITS and str(int(text)) == text else text


def _decimal(text: str) -> float | str:
    """As `_integer`: 1e999 would be written as Infinity, which is no JSON."""
    return float(text) if repr(float(text)) == text else text


def is_service(principal: str) -> bool:
    """Whether this has the form of a service's name, of which nothing else is known."""
    return _SERVICE.fullmatch(principal) is not None


def stored_principal(records: _RecordsByName, principal: str, partition: str) -> str | None:
    """An AWS principal as it is stored, or None for one that is malformed or not there.

    `*`, accounts and federated users stay what they are: accounts need not be of this installation.
    """
    if principal == "*" or _ACCOUNT.fullmatch(principal):
        return principal
    if match := _UNIQUE_ID.fullmatch(principal):
        known = _owner(records, match["id"], in_session=match["session"] is not None)
        return None if known is None else principal
    try:
        arn = parse_arn(principal)
    except InvalidArnError:
        return None
    if arn.partition != partition or arn.region or not _ACCOUNT.fullmatch(arn.account):
        return None
    return principal if _is_kept(arn) else _unique_id(records, arn, principal)


def shown_principal(records: _RecordsByName, principal: str, partition: str) -> str:
    """A stored AWS principal as it is shown: ids of users and roles that still exist as their ARNs."""
    match = _UNIQUE_ID.fullmatch(principal)
    if match is None:
        return principal
    session = match["session"]
    found = _owner(records, match["id"], in_session=session is not None)
    if found is None:
        return principal
    account, entity = found
    if session is not None:
        return f"arn:{partition}:sts::{account}:assumed-role/{entity.name}/{session}"
    kind = "user" if isinstance(entity, User) else "role"
    return iam_arn(account, kind, entity, partition=partition)


def _is_kept(arn: Arn) -> bool:
    """Accounts need not be of this installation, and federated users have no id of their own."""
    if arn.service == "iam":
        return arn.resource == "root"
    kind, _, name = arn.resource.partition("/")
    return arn.service == "sts" and kind == "federated-user" and bool(_SESSION.fullmatch(name))


def _unique_id(records: _RecordsByName, arn: Arn, principal: str) -> str | None:
    """The id of the user, role or role session with this ARN, or None if there is none."""
    kind, _, name = arn.resource.partition("/")
    if (arn.service, kind) == ("sts", "assumed-role"):
        role_name, _, session = name.partition("/")
        role = records.get(ROLE, arn.account, role_name.lower())
        if role is None or role.name != role_name or not _SESSION.fullmatch(session):
            return None
        return f"{role.id}:{session}"
    entity: Any = entity_by_arn(records, arn.account, principal, partition=arn.partition)
    return entity.id if isinstance(entity, User | Role) else None


def _owner(records: _RecordsByName, unique_id: str, *, in_session: bool) -> tuple[str, User | Role] | None:
    """The account and the user or role that has this id, or None; only roles have sessions."""
    if unique_id.startswith("AROA"):
        role = records.by_name(ROLE, "id", unique_id)
        return None if role is None else (role[0], role[2])
    user = None if in_session else records.by_name(USER, "id", unique_id)
    return None if user is None else (user[0], user[2])
