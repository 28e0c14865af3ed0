"""From the text that names a principal to the caller that the policy engine judges."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from masugata.arn import Arn, InvalidArnError, parse_arn
from masugata.engines.policy import Principal
from masugata.errors import MasugataError

Context = Mapping[str, str | list[str]]

SESSION_NAME = "session"
"""The session name of a caller that is given as a role: nobody makes calls as the role itself."""
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?")
_ACCOUNT = re.compile(r"[0-9]{12}")


class UnknownPrincipalError(MasugataError):
    """The text does not name anyone who could make a call."""


def principal_from(name: str | None, context: Context, documents: Iterable[Any] = ()) -> Principal:
    """The caller with this ARN or service name; anonymous if there is none.

    A role's ARN stands for a session of it. The ARN of a session leaves out the role's path, which
    is taken from `aws:PrincipalArn`, or from a principal of `documents` with that name. Raises
    `UnknownPrincipalError`.
    """
    if name is None:
        return Principal(kind="anonymous", arn="")
    if _SERVICE.fullmatch(name):
        return Principal(kind="service", arn=name)
    try:
        arn = parse_arn(name)
    except InvalidArnError:
        raise _unknown(name) from None
    if not _ACCOUNT.fullmatch(arn.account):
        raise _unknown(name)
    user_id = _text(context, "aws:userid")
    hint = _text(context, "aws:PrincipalArn")
    found = _iam(arn, user_id) if arn.service == "iam" else _sts(arn, user_id, hint, documents)
    if found is None:
        raise _unknown(name)
    return found


def _iam(arn: Arn, user_id: str) -> Principal | None:
    kind, _, rest = arn.resource.partition("/")
    if arn.resource == "root":
        return Principal("root", str(arn), arn.account, arn.partition, unique_id=arn.account)
    if kind == "user" and rest:
        return Principal("user", str(arn), arn.account, arn.partition, unique_id=user_id)
    if kind == "role" and rest:
        return _session(arn, rest.rpartition("/")[2], SESSION_NAME, str(arn), user_id)
    if kind in ("saml-provider", "oidc-provider"):
        return Principal("federated", str(arn))
    return None


def _sts(arn: Arn, user_id: str, hint: str, documents: Iterable[Any]) -> Principal | None:
    kind, _, rest = arn.resource.partition("/")
    if arn.service == "sts" and kind == "assumed-role" and rest.count("/") == 1:
        role, _, session = rest.partition("/")
        return _session(arn, role, session, _role_arn(arn, role, hint, documents), user_id)
    if arn.service == "sts" and kind == "federated-user" and rest:
        return Principal("federated", str(arn), arn.account, arn.partition, unique_id=user_id)
    return None


def _session(arn: Arn, role: str, session: str, role_arn: str, user_id: str) -> Principal:
    return Principal(
        kind="role-session",
        arn=str(Arn(arn.partition, "sts", "", arn.account, f"assumed-role/{role}/{session}")),
        account=arn.account,
        partition=arn.partition,
        unique_id=user_id,
        issuer_arn=role_arn,
        issuer_id=user_id.partition(":")[0],
    )


def _role_arn(session: Arn, role: str, hint: str, documents: Iterable[Any]) -> str:
    """The ARN of the role, with its path: a Deny for it must not miss its sessions."""
    head = str(Arn(session.partition, "iam", "", session.account, "role/"))
    if hint.startswith(head) and hint.rpartition("/")[2] == role:
        return hint
    named = {text for text in _principals(documents) if text.startswith(head)}
    found = {text for text in named if text.rpartition("/")[2] == role}
    if len(found) > 1:
        raise UnknownPrincipalError(
            f"the role `{role}` is named with several paths: say which in the context key `aws:PrincipalArn`"
        )
    return found.pop() if found else head + role


def _principals(documents: Iterable[Any]) -> Iterator[str]:
    """Every text in a Principal or NotPrincipal element."""
    for document in documents:
        statements = document.get("Statement") if isinstance(document, dict) else None
        for statement in statements if isinstance(statements, list) else [statements]:
            for element in ("Principal", "NotPrincipal"):
                yield from _texts(statement.get(element) if isinstance(statement, dict) else None)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _text(context: Context, key: str) -> str:
    """The single value of a context key, whatever its case; empty if there is none."""
    for name, value in context.items():
        if name.lower() == key.lower() and isinstance(value, str):
            return value
    return ""


def _unknown(name: str) -> UnknownPrincipalError:
    return UnknownPrincipalError(
        f"`{name}` is not a principal: give the ARN of a user, role, session or root user, or a service"
    )
