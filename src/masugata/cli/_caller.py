"""The caller that an ARN names, from the records of an installation."""

from datetime import datetime

from masugata.arn import Arn, InvalidArnError, parse_arn
from masugata.authorization.resources.sts import find_role
from masugata.cli._principals import SESSION_NAME
from masugata.errors import MasugataError
from masugata.identity.authenticate import session_caller
from masugata.identity.caller import Caller, CallerKind, Session, utc_seconds
from masugata.records.account import ACCOUNT
from masugata.records.iam import ROLE, USER, Role, iam_arn
from masugata.store import Records

_HOUR = 3600


def caller_from(
    text: str, records: Records, now: datetime, session_policy: str | None = None, mfa: bool = False
) -> Caller:
    """The user, root user or role session with this ARN; a role's ARN stands for a new session of it.

    Raises `MasugataError` if the installation has no such user or role, or its account is closed.
    """
    arn = _arn(text, records)
    kind, _, rest = arn.resource.partition("/")
    if (arn.service, kind) == ("iam", "role"):
        found = find_role(text, arn.partition, records)
        if found is None:
            raise _missing(text)
        return _session(arn, found[1], SESSION_NAME, records, now, session_policy, mfa)
    if (arn.service, kind) == ("sts", "assumed-role") and rest.count("/") == 1:
        name, _, session_name = rest.partition("/")
        role = records.get(ROLE, arn.account, name.lower())
        if role is None or role.name != name:
            raise _missing(text)
        return _session(arn, role, session_name, records, now, session_policy, mfa)
    if session_policy is not None:
        raise MasugataError(f"`{text}` has no session: only sessions have session policies")
    if (arn.service, arn.resource) == ("iam", "root"):
        return _caller(CallerKind.ROOT, arn, arn.account, "")
    user = records.get(USER, arn.account, rest.rpartition("/")[2].lower()) if kind == "user" else None
    if user is None or iam_arn(arn.account, "user", user, partition=arn.partition) != text:
        raise _missing(text)
    return _caller(CallerKind.USER, arn, user.id, user.name)


def _arn(text: str, records: Records) -> Arn:
    """The ARN, if it is of an account in which anybody may act."""
    try:
        arn = parse_arn(text)
    except InvalidArnError:
        raise _missing(text) from None
    account = records.get(ACCOUNT, arn.account, arn.account)
    if account is None:
        raise MasugataError(f"the installation has no account `{arn.account}`, which `{text}` belongs to")
    if not account.active:
        raise MasugataError(f"nobody may do anything in the account `{account.id}`, which is {account.state}")
    return arn


def _caller(kind: CallerKind, arn: Arn, user_id: str, name: str) -> Caller:
    return Caller(
        kind=kind,
        account=arn.account,
        partition=arn.partition,
        arn=str(arn),
        user_id=user_id,
        access_key_id="",
        entity_name=name,
        issuer_arn=str(arn),
        issuer_id=user_id,
    )


def _session(
    arn: Arn,
    role: Role,
    name: str,
    records: Records,
    now: datetime,
    policy: str | None,
    mfa: bool,
) -> Caller:
    seconds = utc_seconds(now)
    session = Session(
        kind=CallerKind.ROLE_SESSION,
        account=arn.account,
        access_key_id="",
        secret="",
        issuer_id=role.id,
        name=name,
        issued=seconds,
        expires=seconds + _HOUR,
        mfa=seconds if mfa else None,
        policies=(policy,) if policy is not None else (),
    )
    return session_caller(session, records)


def _missing(text: str) -> MasugataError:
    return MasugataError(f"the installation has no user, role or root user `{text}`")
