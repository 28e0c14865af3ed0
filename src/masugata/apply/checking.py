"""The rules that a description must keep before anything is asked of a server.

Names, lengths and patterns are those of AWS's own models, policies those of our engine's grammar, and
quotas those of `masugata.limits` and of IAM's services.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from masugata.apply import _checking_iam
from masugata.apply._rules import Rules
from masugata.apply.description import MANAGEMENT, Account, Description, OrganizationPolicy, Target, Unit
from masugata.apply.document import LARGEST, Text
from masugata.apply.problems import InvalidFileError, Place, Placed, Problem, Problems, shown
from masugata.apply.reading import read_description
from masugata.engines.policy import PolicyType
from masugata.limits import LIMITS, limit
from masugata.records.organizations import (
    AWS_POLICIES,
    POLICY_TYPES,
    RESOURCE_CONTROL_POLICY,
    SERVICE_CONTROL_POLICY,
)
from masugata.services.organizations._creating import is_email
from masugata.services.organizations._delegation_policies import check_delegation
from masugata.services.organizations._service_principals import TRUSTED_SERVICES

_FEATURES = ("ALL", "CONSOLIDATED_BILLING")
_GRAMMARS = {SERVICE_CONTROL_POLICY: PolicyType.SCP, RESOURCE_CONTROL_POLICY: PolicyType.RCP}
AWS_NAMES: Mapping[str, str] = {policy.name: policy.type for policy in AWS_POLICIES.values()}
"""AWS's own policies, which every organization has, and their types."""


def load_description(path: Path, limits: Mapping[str, int] | None = None) -> Description:
    """The description in a file that keeps every rule; raises `InvalidFileError` with all that it breaks."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise InvalidFileError(
            [Problem(Place(str(path), 1, 1), f"cannot read it: {error.strerror}")]
        ) from error
    return parse_description(content, str(path), limits)


def parse_description(content: bytes, file: str, limits: Mapping[str, int] | None = None) -> Description:
    """As `load_description`, of what is in a file already read; policies in other files are read."""
    problems = Problems()
    description = read_description(content, file, problems)
    description.limits = {**LIMITS, **(limits or {})}
    _Check(problems, description).run()
    problems.check()
    return description


class _Check:
    def __init__(self, problems: Problems, description: Description) -> None:
        self._problems = problems
        self._description = description
        self._limits = description.limits
        self._rules = Rules(problems, description)
        self._types = {key: policy.type for key, policy in (description.policies or {}).items()} | dict(
            AWS_NAMES
        )

    def run(self) -> None:
        """Everything."""
        described = self._description
        self._check_features()
        for policy in (described.policies or {}).values():
            self._check_policy(policy)
        self._check_names()
        if described.root is not None:
            for unit in described.root.walk():
                self._check_unit(unit)
        self._check_tree()
        self._check_accounts()
        self._check_profiles()
        self._check_services()
        for account in described.all_accounts():
            self._check_target(account, account)
            if account.iam is not None:
                _checking_iam.check(self._rules, account.iam)

    def _check_features(self) -> None:
        described, problems = self._description, self._problems
        if described.features is not None and described.features not in _FEATURES:
            problems.add(described, f"`features` must be one of {', '.join(_FEATURES)}")
        for name in described.policy_types or ():
            if name not in POLICY_TYPES:
                problems.add(name, f"{shown(name)} is not a policy type: {', '.join(POLICY_TYPES)} are")
        if described.features == "CONSOLIDATED_BILLING":
            for member in ("policy_types", "policies", "trusted_services", "delegated_administrators"):
                if getattr(described, member):
                    problems.add(described, f"`{member}` needs `features: ALL`")

    def _check_policy(self, policy: OrganizationPolicy) -> None:
        rules, problems = self._rules, self._problems
        if policy.key in AWS_NAMES:
            problems.add(policy, f"{shown(policy.key)} is AWS's own policy, and cannot be described")
        if policy.type not in POLICY_TYPES:
            problems.add(policy, f"{shown(policy.type)} is not a policy type: {', '.join(POLICY_TYPES)} are")
            return
        request = {"Name": policy.name, "Description": policy.description or "", "Type": policy.type}
        rules.model("organizations", "CreatePolicy", request, policy)
        rules.tags(policy.tags, policy)
        largest = limit(self._limits, "organizations.policy-size", policy.type)
        rules.document(policy.document, _GRAMMARS.get(policy.type, policy.type), largest, policy)

    def _check_names(self) -> None:
        seen: dict[tuple[str, str], str] = {}
        counts: dict[str, int] = {}
        for policy in (self._description.policies or {}).values():
            identity = (policy.type, policy.name)
            if identity in seen:
                self._problems.add(
                    policy, f"{shown(policy.key)} and {shown(seen[identity])} have one name and type"
                )
            seen.setdefault(identity, policy.key)
            counts[policy.type] = counts.get(policy.type, 0) + 1
            most = limit(self._limits, "organizations.policies", policy.type)
            if counts[policy.type] == most + 1:
                self._problems.add(policy, f"there are more than {most} policies of type {policy.type}")

    def _check_unit(self, unit: Unit) -> None:
        self._check_target(unit, unit)
        if not unit.path:
            return
        request = {"ParentId": "r-root", "Name": unit.path[-1]}
        self._rules.model("organizations", "CreateOrganizationalUnit", request, unit)
        deepest = self._limits["organizations.organizational-unit-levels"]
        if len(unit.path) == deepest + 1:
            self._problems.add(unit, f"organizational units are nested deeper than {deepest} levels")
        # Organizations compares names as they are, so nothing else can make two of them one.

    def _check_target(self, target: Target, at: Placed) -> None:
        """What is attached to a target: it is there, its type is enabled, and it is not too much."""
        self._rules.tags(target.tags, at)
        counts: dict[str, int] = {}
        for name in (*(target.policies or ()), *(target.detached or ())):
            policy_type = self._types.get(name)
            if policy_type is None:
                self._problems.add(name, f"there is no policy {shown(name)} in `policies`")
                continue
            enabled = self._description.policy_types
            if enabled is not None and policy_type not in enabled:
                self._problems.add(name, f"{policy_type} is not among the `policy_types`")
            if name in (target.policies or ()):
                counts[policy_type] = counts.get(policy_type, 0) + 1
        for name in target.detached or ():
            if name in (target.policies or ()):
                self._problems.add(name, f"{shown(name)} is in `policies` and in `detached`")
            elif AWS_NAMES.get(name) == RESOURCE_CONTROL_POLICY:
                self._problems.add(name, f"{shown(name)} cannot be detached")
        for policy_type, count in counts.items():
            implied = [
                name
                for name, type_ in AWS_NAMES.items()
                if type_ == policy_type and name not in (*(target.policies or ()), *(target.detached or ()))
            ]
            most = limit(self._limits, "organizations.attachments", policy_type)
            if count + len(implied) > most:
                also = f", {implied[0]} included" if implied else ""
                self._problems.add(at, f"a target has at most {most} policies of type {policy_type}{also}")

    def _check_tree(self) -> None:
        """Each account stands in one place of the tree at most."""
        seen: dict[str, Text] = {}
        units = list(self._description.root.walk()) if self._description.root else []
        most = self._limits["organizations.organizational-units"]
        if len(units) - 1 > most:
            self._problems.add(units[0], f"there are more than {most} organizational units")
        for unit in units:
            for name in unit.accounts or ():
                if self._description.account(name) is None:
                    self._problems.add(name, f"there is no account {shown(name)} in `accounts`")
                elif name in seen:
                    self._problems.add(
                        name, f"the account {shown(name)} stands at {seen[name].place} already"
                    )
                seen.setdefault(name, name)

    def _check_accounts(self) -> None:
        accounts = self._description.accounts or {}
        most = self._limits["organizations.accounts"]
        if len(accounts) + 1 > most:
            self._problems.add(
                next(iter(accounts.values())),
                f"there are more than {most} accounts, the management account included: raise "
                "`organizations.accounts` in the setting `limits` here and for the server",
            )
        for member, read in (("email", lambda found: found.email.lower()), ("id", lambda found: found.id)):
            for first, second in _same(accounts.values(), read):
                self._problems.add(
                    second, f"the accounts {shown(first)} and {shown(second.key)} have one {member}"
                )
        for account in accounts.values():
            if any(sign in "[]{}" or not sign.isprintable() for sign in account.key):
                self._problems.add(account, "the name of an account in the file has none of [ ] { }")
            if account.email and not is_email(account.email):
                self._problems.add(account, f"{shown(account.email)} is not an e-mail address of an account")
            request: dict[str, Any] = {"Email": account.email, "AccountName": account.name}
            self._rules.model("organizations", "CreateAccount", request, account)
            if account.id is not None:
                self._rules.model("organizations", "DescribeAccount", {"AccountId": account.id}, account)

    def _check_profiles(self) -> None:
        """Each new access key has a profile of its own in the credentials file, or one would be lost."""
        seen: dict[str, str] = {}
        for account in self._description.all_accounts():
            for user in ((account.iam and account.iam.users) or {}).values():
                base = f"{account.key}.{user.name}"
                for profile in (base, f"{base}.2")[: user.access_keys or 0]:
                    if profile in seen:
                        rule = f"keys of {shown(user.name)} and {shown(seen[profile])} have one profile, "
                        self._problems.add(user, f"{rule}{shown(profile)}, in the credentials file")
                    seen[profile] = user.name

    def _check_services(self) -> None:
        described = self._description
        trusted = described.trusted_services
        for name in trusted or ():
            if name not in TRUSTED_SERVICES:
                self._problems.add(name, f"{shown(name)} is not a service that can have trusted access")
        for service, names in (described.delegated_administrators or {}).items():
            at: Placed = names[0] if names else described
            integration = TRUSTED_SERVICES.get(service)
            if integration is None or not integration.delegates:
                self._problems.add(at, f"{shown(service)} is not a service that members can administer")
            if trusted is not None and service not in trusted:
                self._problems.add(at, f"{shown(service)} is not among the `trusted_services`")
            for name in names:
                if name == MANAGEMENT or described.account(name) is None:
                    self._problems.add(name, f"there is no member account {shown(name)} in `accounts`")
        if described.resource_policy is not None:
            largest = self._limits["organizations.resource-policy-size"]
            self._rules.document(
                described.resource_policy, PolicyType.RESOURCE, largest, described, check_delegation
            )


def _same(accounts: Any, read: Any) -> Iterator[tuple[str, Account]]:
    seen: dict[str, str] = {}
    for account in accounts:
        value = read(account)
        if value and value in seen:
            yield seen[value], account
        seen.setdefault(value, account.key)
