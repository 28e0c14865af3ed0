"""Who asks, and the Principal and NotPrincipal elements that name them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

PrincipalKind = Literal["root", "user", "role-session", "federated", "service", "anonymous"]

_ACCOUNT = re.compile(r"[0-9]{12}")
_ROOT_ARN = re.compile(r"arn:([a-z\-]+):iam::([0-9]{12}):root")
_UNIQUE_ID = re.compile(r"(?:AIDA|AROA)[A-Z0-9]+(?::.+)?")
# S3's canonical user ids are nobody here, so they are not among the types that can be read.
_TYPES = ("AWS", "Service", "Federated")


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes a request.

    `arn` is the caller's own ARN (of the session, for sessions), or the name of a service or of an
    identity provider. `unique_id` is `AIDA…` for a user and `AROA…:session` for a role session.
    `issuer_arn` and `issuer_id` are those of the role of a role session, path included, or of the user
    who asked for a GetFederationToken session. A GetSessionToken session is its user, kind `user`; an
    AssumeRoot session is the root user, and its task policy the session policy.

    `service_linked` says that the session is of a service-linked role, which neither SCPs nor RCPs bind.
    It is never inferred from an ARN: only who keeps the roles knows that AWS made this one.

    `confined` callers never leave their session policy, not even where a resource names them: somebody
    else acts as them within it. So it always is with the root user.
    """

    kind: PrincipalKind
    arn: str
    account: str = ""
    partition: str = "aws"
    unique_id: str = ""
    issuer_arn: str = ""
    issuer_id: str = ""
    service_linked: bool = False
    confined: bool = False
    # Whether no account's identity policies speak for it: services, identity providers, anyone.
    external: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        provider = self.kind == "federated" and ":federated-user/" not in self.arn
        object.__setattr__(self, "external", provider or self.kind in ("anonymous", "service"))


class Match(IntEnum):
    """How a Principal element names the caller; the stronger, the more its grant bypasses."""

    ACCOUNT = 1
    OTHERS = 2  # not among those a NotPrincipal lists
    ISSUER = 3  # a session of the role or user that is named
    ANYONE = 4
    CALLER = 5


class Principals:
    """A compiled Principal or NotPrincipal element; `problem` names what could not be read.

    An entry that cannot be read lets no Allow match and keeps no Deny from matching.
    """

    __slots__ = ("_accounts", "_allow", "_anyone", "_names", "_others", "negated", "problem")

    def __init__(self, element: str | Mapping[str, tuple[str, ...]], *, negated: bool, allow: bool) -> None:
        self.negated = negated
        self._allow = allow
        self.problem: str | None = None
        self._anyone = False
        self._accounts: set[tuple[str, str]] = set()
        self._names: set[str] = set()
        self._others: set[tuple[str, str]] = set()
        for kind, values in {"AWS": (element,)}.items() if isinstance(element, str) else element.items():
            for value in values:
                self._add(kind, value)

    def _add(self, kind: str, value: str) -> None:
        if kind == "AWS" and value == "*":
            self._anyone = True
        elif kind == "AWS" and (account := account_of(value)):
            self._accounts.add(account)
        elif kind not in _TYPES or "*" in value or "?" in value or (kind == "AWS" and not _named(value)):
            self.problem = f"unreadable principal `{value}` of type `{kind}`"
        elif kind == "AWS":
            self._names.add(value)
        else:
            self._others.add((kind, value))

    @property
    def everyone(self) -> bool:
        """Whether it names everyone, so that nobody needs to be compared."""
        return self._anyone and not self.negated

    def match(self, principal: Principal, *, bounded: bool = False) -> Match | None:
        """How the element applies to `principal`, or None; `bounded` callers have a boundary."""
        if not self.negated:
            if not self._allow and (self._anyone or self.problem):
                return Match.ANYONE
            return self._find(principal)
        if self._allow:
            return Match.OTHERS if self.problem is None and self._find(principal) is None else None
        return Match.OTHERS if bounded or not self._exempts(principal) else None

    def _find(self, principal: Principal) -> Match | None:
        """The strongest way in which the entries name `principal`."""
        if self._names_caller(principal):
            return Match.CALLER
        if self._anyone:
            return Match.ANYONE
        if self._names_issuer(principal):
            return Match.ISSUER
        if self._names_account(principal):
            return Match.ACCOUNT
        return None

    def _exempts(self, principal: Principal) -> bool:
        """Whether NotPrincipal in a Deny spares the caller.

        It must list the caller, the role or user behind a session, and their account.
        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
        """
        if self._anyone:
            return True
        if principal.external:
            return self._names_caller(principal)
        if not self._names_account(principal):
            return False
        if principal.kind == "root":
            return True
        session = principal.kind in ("role-session", "federated")
        return self._names_caller(principal) and (not session or self._names_issuer(principal))

    def _names_caller(self, principal: Principal) -> bool:
        kind = principal.kind
        if kind == "anonymous":
            return False
        if kind == "service":
            return ("Service", principal.arn) in self._others
        if principal.external:
            return ("Federated", principal.arn) in self._others
        if kind == "root":
            return False  # the root user is named as its account
        names = self._names
        return principal.arn in names or (principal.unique_id != "" and principal.unique_id in names)

    def _names_issuer(self, principal: Principal) -> bool:
        names = self._names
        return (principal.issuer_arn != "" and principal.issuer_arn in names) or (
            principal.issuer_id != "" and principal.issuer_id in names
        )

    def _names_account(self, principal: Principal) -> bool:
        if principal.external or not principal.account:
            return False
        account = principal.account
        return (principal.partition, account) in self._accounts or ("", account) in self._accounts


def account_of(value: str) -> tuple[str, str] | None:
    """(partition, account) of an account principal; the partition is empty for twelve digits alone."""
    if _ACCOUNT.fullmatch(value):
        return "", value
    match = _ROOT_ARN.fullmatch(value)
    return (match[1], match[2]) if match else None


def _named(value: str) -> bool:
    return (value.startswith("arn:") and value.count(":") >= 5) or _UNIQUE_ID.fullmatch(value) is not None
