"""Credentials with which a test acts as somebody."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

import orjson

from masugata.authorization.resources.sts import find_role
from masugata.engines.policy import PolicyType
from masugata.engines.policy.grammar import validate_policy
from masugata.errors import AwsError
from masugata.identity.authenticate import Authenticator
from masugata.identity.caller import CallerKind, Session
from masugata.identity.identifiers import access_key_id, secret_access_key
from masugata.identity.session_tokens import seal_session
from masugata.keeper import Keeper
from masugata.records.iam import ROLE, USER, AccessKey, Role
from masugata.server import Credentials, sealed_key
from masugata.services.sts._credentials import SESSION_POLICIES_SIZE, session_tags
from masugata.store import Records
from masugata.testing.errors import NoSuchPrincipalError
from masugata.wire import load_service
from masugata.wire.constraints import compile_constraints, validation_error

ROLE_SESSION_SECONDS = 3600
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
# Clients sign with the machine's time while the test's clock may stand in another century.
_ANY_SKEW = 10**12


class ActingCredentials(NamedTuple):
    """What a client signs with."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None


class RoleSession(NamedTuple):
    """What a test says of a role session beside its role, in the words of AssumeRole."""

    name: str = "local-aws"
    tags: Mapping[str, str] = {}
    source_identity: str | None = None
    policy: str | Mapping[str, object] | None = None


class ActingAuthenticator(Authenticator):
    """Knows, beside the access keys in the store, one of each principal that a test acts as.

    Such a key authenticates as a long-term key of its owner does, and is nowhere in IAM: it is not
    listed, counts for no quota and keeps nobody from deleting the user. It dies with its owner.
    """

    def __init__(self, keeper: Keeper, random: Callable[[int], bytes]) -> None:
        super().__init__(keeper, skew_seconds=_ANY_SKEW)
        self._keeper_of_keys = keeper
        self._random = random
        self._keys: dict[str, AccessKey] = {}
        self._credentials: dict[str, ActingCredentials] = {}

    def long_term_key(self, access_key_id: str, records: Records) -> AccessKey:
        """The active long-term key with this id; raises InvalidClientTokenId."""
        return self._keys.get(access_key_id) or super().long_term_key(access_key_id, records)

    def as_owner(self, account: str, owner_id: str, now: datetime) -> ActingCredentials:
        """The key of a user, by its unique id, or of the root user, by the account's."""
        if owner_id not in self._credentials:
            key = Credentials(access_key_id("AKIA", account, self._random), secret_access_key(self._random))
            self._keys[key.access_key_id] = sealed_key(self._keeper_of_keys, key, owner_id, now)
            self._credentials[owner_id] = ActingCredentials(*key)
        return self._credentials[owner_id]

    def as_role(
        self, arn_or_name: str, account: str, about: RoleSession, now: datetime, records: Records
    ) -> ActingCredentials:
        """A session of a role, for an hour; the role's trust policy is not asked."""
        owner, role = _role(arn_or_name, account, records)
        issued = int(now.timestamp())
        session = Session(
            kind=CallerKind.ROLE_SESSION,
            account=owner,
            access_key_id=access_key_id("ASIA", owner, self._random),
            secret=secret_access_key(self._random),
            issuer_id=role.id,
            name=_session_text("session_name", about.name),
            issued=issued,
            expires=issued + ROLE_SESSION_SECONDS,
            source_identity=None
            if about.source_identity is None
            else _session_text("source_identity", about.source_identity),
            tags=_session_tags(about.tags),
            policies=() if about.policy is None else (_document(about.policy),),
        )
        token = seal_session(session, self._keeper_of_keys)
        return ActingCredentials(session.access_key_id, session.secret, token)


def user_id(name: str, account: str, records: Records) -> str:
    """The unique id of a user; raises `NoSuchPrincipalError`."""
    user = records.get(USER, account, name.lower())
    if user is None or user.name != name:
        raise NoSuchPrincipalError(
            f"account {account} has no user `{name}`: create it first, with iam.create_user"
        )
    return user.id


def _role(arn_or_name: str, account: str, records: Records) -> tuple[str, Role]:
    if arn_or_name.startswith("arn:"):
        found = find_role(arn_or_name, arn_or_name.split(":")[1], records)
    else:
        role = records.get(ROLE, account, arn_or_name.lower())
        found = None if role is None or role.name != arn_or_name else (account, role)
    if found is None:
        raise NoSuchPrincipalError(
            f"there is no role `{arn_or_name}` (asked of account {account}): create it first"
        )
    return found


def _session_text(what: str, text: str) -> str:
    if _SESSION_NAME.fullmatch(text) is None:
        raise ValueError(f"`{text}` is not a {what}: 2 to 64 letters, digits and _+=,.@- are")
    return text


def _session_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags, if AssumeRole would take them; raises ValueError."""
    given = dict(tags)
    if not all(isinstance(text, str) for text in (*given, *given.values())):
        raise ValueError("keys and values of tags must be texts")
    request = [{"Key": key, "Value": value} for key, value in given.items()]
    check = compile_constraints(load_service("sts"), "tagListType")
    try:
        if check is not None and (violations := check(request)):
            raise validation_error(violations)
        return session_tags(request)
    except AwsError as error:
        raise ValueError(f"no session has these tags: {error.message}") from None


def _document(policy: str | Mapping[str, object]) -> str:
    """A session policy as text; raises `MalformedPolicyError`, and ValueError for one that is too long."""
    document = policy if isinstance(policy, str) else orjson.dumps(policy).decode()
    if len(document) > SESSION_POLICIES_SIZE:
        raise ValueError(f"a session policy has at most {SESSION_POLICIES_SIZE} characters")
    validate_policy(document, PolicyType.SESSION)
    return document
