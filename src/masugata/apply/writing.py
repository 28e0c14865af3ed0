"""A description as a file, such that applying it where it came from changes nothing."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from masugata.apply.checking import AWS_NAMES
from masugata.apply.description import (
    MANAGEMENT,
    Account,
    Document,
    Iam,
    ManagedPolicy,
    OrganizationPolicy,
    Principal,
    Target,
    Unit,
)
from masugata.apply.managed import aws_policy_arn
from masugata.apply.references import escaped
from masugata.apply.state import State
from masugata.records.organizations import ACCESS_ROLE, SERVICE_CONTROL_POLICY

_WIDTH = 110
_ACCOUNT_ID = re.compile(r"(?<![0-9$])[0-9]{12}(?![0-9])")  # `$${` would be no reference
_FULL_ACCESS = next(name for name, type_ in AWS_NAMES.items() if type_ == SERVICE_CONTROL_POLICY)


def write_description(state: State) -> str:
    """The YAML text of what is there."""
    import yaml  # noqa: PLC0415  only those who write YAML wait for it

    # Nothing in it is there twice as one object, so it gets no anchors.
    value = _Writer(state).description()
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return text


class _Writer:
    def __init__(self, state: State) -> None:
        self._state = state
        self._described = state.description
        self._keys = {
            id_: account.key
            for account in self._described.all_accounts()
            if (id_ := state.names.get("account", account.key)) is not None
        }
        self._organization = state.names.get("organization")

    def description(self) -> dict[str, Any]:
        described = self._described
        if not self._state.exists:
            return _given({"management": self._target(described.management)})
        accounts = dict(sorted((described.accounts or {}).items()))
        policies = dict(sorted((described.policies or {}).items()))
        return _given(
            {
                "organization": {"features": described.features},
                "policy_types": _texts(described.policy_types),
                "policies": {key: self._policy(policy) for key, policy in policies.items()},
                "root": self._unit(described.root or Unit()),
                "accounts": {key: self._account(account) for key, account in accounts.items()},
                "management": self._target(described.management),
                "trusted_services": _texts(described.trusted_services),
                "delegated_administrators": {
                    service: _texts(names)
                    for service, names in sorted((described.delegated_administrators or {}).items())
                },
                "resource_policy": self._document(described.resource_policy),
            }
        )

    def _policy(self, policy: OrganizationPolicy) -> dict[str, Any]:
        return _given(
            {
                "name": policy.name if policy.name != policy.key else None,
                "type": policy.type,
                "description": policy.description,
                "content": self._document(policy.document),
                "tags": policy.tags,
            }
        )

    def _attached(self, target: Target) -> dict[str, Any]:
        names = sorted(target.policies or ())
        scps = SERVICE_CONTROL_POLICY in (self._described.policy_types or ())
        return {
            "policies": [str(name) for name in names if name not in AWS_NAMES],
            "detached": [_FULL_ACCESS] if scps and _FULL_ACCESS not in names else [],
            "tags": target.tags,
        }

    def _unit(self, unit: Unit) -> dict[str, Any]:
        accounts = [str(key) for key in sorted(unit.accounts or ()) if key != MANAGEMENT or unit.path]
        units = {name: self._unit(below) for name, below in sorted((unit.units or {}).items())}
        return _given({**self._attached(unit), "accounts": accounts}) | (
            {"organizational_units": units} if units else {}
        )

    def _target(self, account: Account) -> dict[str, Any]:
        return _given(
            {**self._attached(account), "iam": None if account.iam is None else self._iam(account.iam)}
        )

    def _account(self, account: Account) -> dict[str, Any]:
        named = {"name": account.name if account.name != account.key else None}
        return _given({**named, "email": account.email, "id": account.id}) | self._target(account)

    def _iam(self, iam: Iam) -> dict[str, Any]:
        roles = {name: role for name, role in (iam.roles or {}).items() if name != ACCESS_ROLE}
        return _given(
            {
                "policies": _each(iam.policies, self._managed),
                "groups": _each(iam.groups, self._principal),
                "users": _each(iam.users, self._principal),
                "roles": _each(roles, self._principal),
            }
        )

    def _managed(self, policy: ManagedPolicy) -> dict[str, Any]:
        return _given(
            {
                "path": _path(policy.path),
                "description": policy.description,
                "content": self._document(policy.document),
                "tags": policy.tags,
            }
        )

    def _principal(self, principal: Principal) -> dict[str, Any]:
        boundary = principal.permissions_boundary
        inline = principal.inline_policies or {}
        return _given(
            {
                "path": _path(principal.path),
                "description": principal.description,
                "trust_policy": self._document(principal.trust_policy),
                "max_session_duration": principal.max_session_duration,
                "groups": _texts(principal.groups),
                "policies": [self._reference(arn) for arn in principal.policies or ()],
                "inline_policies": {name: self._document(found) for name, found in inline.items()},
                "permissions_boundary": None if boundary is None else self._reference(boundary),
                "tags": principal.tags,
                "access_keys": principal.access_keys or None,
            }
        )

    def _reference(self, arn: str) -> str:
        """A policy by its name where the file knows it by that, else by its ARN."""
        name = arn.rpartition("/")[2]
        if aws_policy_arn(name, self._state.partition) == arn:
            return name
        return str(self._text(arn)) if ":iam::aws:" in arn else self._own(arn, name)

    def _own(self, arn: str, name: str) -> str:
        account = self._described.account(self._keys.get(arn.split(":")[4], ""))
        known = account is not None and account.iam is not None and name in (account.iam.policies or {})
        return name if known else self._text(arn)

    def _document(self, document: Document | None) -> Any:
        return None if document is None else self._walk(document.content)

    def _walk(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self._walk(item) for item in value]
        if isinstance(value, dict):
            return {self._text(key): self._walk(item) for key, item in value.items()}
        return value

    def _text(self, text: str) -> str:
        """Ids as references, so that the file fits elsewhere too; what looks like one is escaped."""
        text = _ACCOUNT_ID.sub(lambda match: self._account_reference(match[0]), escaped(str(text)))
        if self._organization is not None:
            text = re.sub(rf"(?<!\$){self._organization}", "${organization:id}", text)
        return text

    def _account_reference(self, id_: str) -> str:
        key = self._keys.get(id_)
        return id_ if key is None or "}" in key else f"${{account:{key}}}"


def _given(members: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty or nothing."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}


def _each(section: Mapping[str, Any] | None, write: Callable[[Any], dict[str, Any]]) -> dict[str, Any] | None:
    return None if section is None else {name: write(item) for name, item in section.items()}


def _texts(names: Any) -> list[str] | None:
    return None if names is None else [str(name) for name in names]


def _path(path: str | None) -> str | None:
    return None if path == "/" else path
