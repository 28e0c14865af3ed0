"""What is there, read by the API, in the same form as a description."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from masugata.apply._state_iam import read_iam
from masugata.apply.changes import Names
from masugata.apply.description import (
    MANAGEMENT,
    Account,
    Description,
    Document,
    OrganizationPolicy,
    Target,
    Unit,
)
from masugata.apply.document import Text
from masugata.apply.live import json_value, name_at, tag_map
from masugata.apply.sessions import NoSessionError, Sessions
from masugata.errors import AwsError
from masugata.records.organizations import ACCESS_ROLE, AWS_POLICIES, POLICY_TYPES

_NOT_IN_KEYS = re.compile(r"[][{}]")
_NO_ORGANIZATION = "AWSOrganizationsNotInUseException"


@dataclass(slots=True, kw_only=True)
class State:
    """An organization as it is. Accounts have keys of their own, which `names` and the description share."""

    description: Description
    names: Names = field(default_factory=Names)
    partition: str = "aws"
    exists: bool = True
    """Whether there is an organization at all."""
    caller: str = ""
    role: str = ACCESS_ROLE
    """The name of the role that accounts are administered by."""
    unread: list[str] = field(default_factory=list)
    """Accounts whose IAM could not be read, when everything is read."""

    def unit(self, path: tuple[str, ...]) -> Unit | None:
        """The root or an organizational unit."""
        found = self.description.root
        for name in path:
            found = None if found is None else (found.units or {}).get(name)
        return found

    def parent_of(self, key: str) -> tuple[str, ...] | None:
        """The path of the unit in which an account is."""
        root = self.description.root
        for unit in root.walk() if root is not None else ():
            if key in (unit.accounts or ()):
                return unit.path
        return None


def read_state(
    sessions: Sessions, wants_iam: Callable[[Account], bool], described: Description | None = None
) -> State:
    """Everything of the organization, and IAM of the accounts that are wanted; raises `MasugataError`.

    What is `described` has the keys that it has there: accounts by id or e-mail address, policies by type
    and name; and what it says nothing of is not asked for, where that costs calls of its own.
    """
    return _Reader(sessions, described).state(wants_iam)


class _Reader:
    def __init__(self, sessions: Sessions, asked: Description | None) -> None:
        self._sessions = sessions
        self._asked = asked
        self._keys = _Keys(asked or Description())
        self._client = sessions.management
        self._targets: dict[str, Target] = {}
        self._names = Names()
        self._accounts: dict[str, Account] = {}
        self._policies: dict[str, OrganizationPolicy] = {}

    def state(self, wants_iam: Callable[[Account], bool]) -> State:
        identity = self._client.call("sts", "GetCallerIdentity")
        management_id = identity["Account"]
        state = State(
            description=Description(accounts=self._accounts, policies=self._policies),
            names=self._names,
            partition=identity["Arn"].split(":")[1],
            caller=identity["Arn"],
            role=self._sessions.role.rpartition("/")[2],
        )
        self._names.learn("account", MANAGEMENT, management_id)
        for policy in AWS_POLICIES.values():
            self._names.learn("policy", policy.name, policy.id)
        organization = self._organization()
        if organization is None:
            state.exists = False
        else:
            self._read(state, organization, management_id)
        for account in state.description.all_accounts():
            if wants_iam(account):
                self._read_iam(state, account)
        return state

    def _read_iam(self, state: State, account: Account) -> None:
        try:
            account.iam = read_iam(self._sessions.client_of(self._names.id("account", account.key)))
        except (NoSessionError, AwsError) as error:
            denied = isinstance(error, NoSessionError) or error.code == "AccessDenied"
            if self._asked is not None or not denied:
                raise
            state.unread.append(account.key)

    def _organization(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._client.call("organizations", "DescribeOrganization")["Organization"]
        except AwsError as error:
            if error.code == _NO_ORGANIZATION:
                return None
            raise
        return found

    def _list(self, operation: str, member: str, **request: Any) -> list[Any]:
        return list(self._client.listed("organizations", operation, member, **request))

    def _read(self, state: State, organization: dict[str, Any], management_id: str) -> None:
        described, names = state.description, self._names
        names.learn("organization", "", organization["Id"])
        described.features = organization["FeatureSet"]
        root = self._list("ListRoots", "Roots")[0]
        names.learn("root", "", root["Id"])
        names.learn("unit", (), root["Id"])
        enabled = [found["Type"] for found in root["PolicyTypes"] if found["Status"] == "ENABLED"]
        described.policy_types = [name_at(name) for name in enabled]
        described.root = self._unit(described, root["Id"], (), management_id)
        self._read_policies(enabled)
        asked = self._asked
        if asked is None or asked.trusted_services is not None or asked.delegated_administrators:
            services = self._list("ListAWSServiceAccessForOrganization", "EnabledServicePrincipals")
            described.trusted_services = [name_at(found["ServicePrincipal"]) for found in services]
        if asked is None or asked.delegated_administrators is not None:
            self._read_administrators(described)
        if asked is None or asked.resource_policy is not None:
            described.resource_policy = self._resource_policy()

    def _unit(self, described: Description, id_: str, path: tuple[str, ...], management_id: str) -> Unit:
        units: dict[str, Unit] = {}
        accounts: list[Text] = []
        unit = Unit(path=path, policies=[], tags=self._tags(id_), units=units, accounts=accounts)
        self._targets[id_] = unit
        listed = self._list("ListAccountsForParent", "Accounts", ParentId=id_)
        accounts += [name_at(self._account(described, found, management_id).key) for found in listed]
        for found in self._list("ListOrganizationalUnitsForParent", "OrganizationalUnits", ParentId=id_):
            below = (*path, found["Name"])
            self._names.learn("unit", below, found["Id"])
            units[found["Name"]] = self._unit(described, found["Id"], below, management_id)
        return unit

    def _account(self, described: Description, found: dict[str, Any], management_id: str) -> Account:
        id_ = found["Id"]
        if id_ == management_id:
            account = described.management
            account.id, account.email = id_, found["Email"]
        else:
            key = self._keys.account(id_, found["Email"], found["Name"])
            account = Account(key=key, name=found["Name"], email=found["Email"], id=id_)
            self._accounts[key] = account
            self._names.learn("account", key, id_)
        account.policies = []
        account.tags = self._tags(id_)
        self._targets[id_] = account
        return account

    def _read_policies(self, enabled: list[str]) -> None:
        for policy_type in POLICY_TYPES:
            for summary in self._list("ListPolicies", "Policies", Filter=policy_type):
                id_ = summary["Id"]
                key = summary["Name"]
                if id_ not in AWS_POLICIES:
                    key = self._keys.policy(policy_type, key)
                    self._policies[key] = self._policy(key, summary)
                self._names.learn("policy", key, id_)
                if policy_type in enabled:
                    for target in self._list("ListTargetsForPolicy", "Targets", PolicyId=id_):
                        attached = self._targets[target["TargetId"]].policies
                        if attached is not None:
                            attached.append(name_at(key))

    def _policy(self, key: str, summary: dict[str, Any]) -> OrganizationPolicy:
        content = self._client.call("organizations", "DescribePolicy", PolicyId=summary["Id"])["Policy"][
            "Content"
        ]
        return OrganizationPolicy(
            key=key,
            name=summary["Name"],
            type=summary["Type"],
            description=summary["Description"],
            document=Document(content=json_value(content)),
            tags=self._tags(summary["Id"]),
        )

    def _read_administrators(self, described: Description) -> None:
        keys = {account.id: account.key for account in described.all_accounts()}
        found: dict[str, list[Text]] = {}
        for administrator in self._list("ListDelegatedAdministrators", "DelegatedAdministrators"):
            id_ = administrator["Id"]
            for service in self._list("ListDelegatedServicesForAccount", "DelegatedServices", AccountId=id_):
                found.setdefault(service["ServicePrincipal"], []).append(name_at(keys[id_]))
        described.delegated_administrators = found

    def _resource_policy(self) -> Document | None:
        try:
            answer = self._client.call("organizations", "DescribeResourcePolicy")
        except AwsError as error:
            if error.code == "ResourcePolicyNotFoundException":
                return None
            raise
        return Document(content=json_value(answer["ResourcePolicy"]["Content"]))

    def _tags(self, id_: str) -> dict[str, str]:
        return tag_map(self._list("ListTagsForResource", "Tags", ResourceId=id_))


class _Keys:
    """Keys of what is there: those of the description, and for all else others that are free."""

    def __init__(self, described: Description) -> None:
        accounts, policies = described.accounts or {}, described.policies or {}
        self._by_id = {account.id: key for key, account in accounts.items() if account.id}
        self._by_email = {account.email.lower(): key for key, account in accounts.items()}
        self._policies = {(policy.type, policy.name): key for key, policy in policies.items()}
        self._taken_accounts = {MANAGEMENT, *accounts}
        self._taken_policies = {policy.name for policy in AWS_POLICIES.values()} | set(policies)

    def account(self, id_: str, email: str, name: str) -> str:
        """The key of an account."""
        found = self._by_id.pop(id_, None) or self._by_email.get(email.lower())
        if found is None:
            plain = _NOT_IN_KEYS.sub("", name)
            found = name if plain == name and name not in self._taken_accounts else f"{plain} {id_}"
            self._taken_accounts.add(found)
        return found

    def policy(self, policy_type: str, name: str) -> str:
        """The key of a policy."""
        found = self._policies.get((policy_type, name))
        if found is None:
            found = f"{name} ({policy_type})" if name in self._taken_policies else name
            self._taken_policies.add(found)
        return found
