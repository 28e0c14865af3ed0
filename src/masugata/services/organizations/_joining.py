"""How an account comes into an organization, however it was asked for."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from masugata.identity.identifiers import unique_id
from masugata.records.account import ACCOUNT
from masugata.records.iam import LINKED_ROLES, ROLE, SERVICE_LINKED_PATH, Role, Tag, service_trust_policy
from masugata.records.organizations import MEMBER, Member, Organization
from masugata.services.organizations._common import ORGANIZATIONS_PRINCIPAL, whole_milliseconds
from masugata.store import Transaction
from masugata.trail import service_event


def join(
    transaction: Transaction,
    organization: Organization,
    account_id: str,
    method: Literal["CREATED", "INVITED"],
    *,
    now: datetime,
    random: Callable[[int], bytes],
    tags: tuple[Tag, ...] = (),
) -> Member:
    """Put an existing account into the root of an organization, with the role that Organizations needs.

    The management account learns of each account that comes later than itself by an event.
    """
    member = Member(
        id=account_id,
        organization=organization.id,
        parent=organization.root_id,
        joined=whole_milliseconds(now),
        joined_method=method,
        tags=tags,
    )
    transaction.put(MEMBER, organization.management_account, member)
    add_linked_role(transaction, account_id, ORGANIZATIONS_PRINCIPAL, now=now, random=random)
    management = organization.management_account
    if account_id != management:
        details = {"accountId": account_id, "joinedMethod": method.capitalize(), "joinedTime": now}
        transaction.emit(
            service_event(
                "organizations", "AccountJoinedOrganization", management, details, now=now, random=random
            )
        )
    return member


def add_linked_role(
    transaction: Transaction,
    account_id: str,
    service: str,
    *,
    now: datetime,
    random: Callable[[int], bytes],
) -> None:
    """Make a service's linked role in an account unless it is there already."""
    account = transaction.get(ACCOUNT, account_id, account_id)
    template = LINKED_ROLES[service]
    name = template.name(None)
    if account is None or transaction.get(ROLE, account_id, name.lower()) is not None:
        return
    role = Role(
        name=name,
        path=f"{SERVICE_LINKED_PATH}{service}/",
        id=unique_id("AROA", random),
        create_date=now.replace(microsecond=0),
        trust_policy=service_trust_policy(service),
        description=None,
        attached_policies=(template.policy_arn(account.partition),),
    )
    transaction.put(ROLE, account_id, role)
