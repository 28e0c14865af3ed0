"""What an account's organization lays on those who act in it, and on what it owns."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from masugata.authorization.accounts import AccountView
from masugata.authorization.guardrails import NO_GUARDRAILS, guardrails
from masugata.engines.policy import PolicySet, PolicyType
from masugata.errors import AwsError
from masugata.records.organizations import organization_of

_PRINCIPAL_KEYS: Final = ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths")
_RESOURCE_KEYS: Final = ("aws:ResourceOrgID", "aws:ResourceOrgPaths")


class Bonds(NamedTuple):
    """The levels of SCPs and RCPs of an account, and the condition keys that tell where it is.

    `principal` and `resource` are those of requests by somebody of the account, and for what it owns; those
    that are known to be absent, because it is in no organization, are in `no_principal` and `no_resource`.
    `problem` says why everything is denied, if the organization's records cannot be relied on.
    """

    scp: tuple[PolicySet, ...] = ()
    rcp: tuple[PolicySet, ...] = ()
    principal: Mapping[str, str | Sequence[str]] = {}
    resource: Mapping[str, str | Sequence[str]] = {}
    no_principal: tuple[str, ...] = ()
    no_resource: tuple[str, ...] = ()
    problem: str = ""


_UNKNOWN: Final = Bonds()
_ALONE: Final = Bonds(no_principal=_PRINCIPAL_KEYS, no_resource=_RESOURCE_KEYS)


def bonds(view: AccountView, account: str) -> Bonds:
    """What binds an account, as far as the view tells."""
    if not view.organizations:
        return _UNKNOWN
    try:
        found = guardrails(account, view.records)
    except AwsError as error:
        nothing = PolicySet(PolicyType.SCP), PolicySet(PolicyType.RCP)
        return Bonds((nothing[0],), (nothing[1],), problem=error.message)
    if found is NO_GUARDRAILS:
        return _ALONE
    place = (found.organization, (found.path,))
    return Bonds(
        found.scp,
        found.rcp,
        dict(zip(_PRINCIPAL_KEYS, place, strict=True)),
        dict(zip(_RESOURCE_KEYS, place, strict=True)),
    )


def management_notes(view: AccountView) -> tuple[str, ...]:
    """What is to be said beside an answer for which SCPs were given."""
    return tuple(
        f"the account {account} manages its organization: no service control policy binds it"
        for account in view.accounts
        if is_management(view, account)
    )


def is_management(view: AccountView, account: str) -> bool:
    """Whether an account is known to manage its organization, whose SCPs and RCPs do not bind it."""
    organization = organization_of(view.records, account)
    return organization is not None and organization.management_account == account
