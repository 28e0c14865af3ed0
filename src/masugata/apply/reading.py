"""From a file to the description in it: which members there are, and of which type each is.

docs/reference/organization-file.md is the same for people.
"""

from pathlib import Path

from masugata.apply import _members as of
from masugata.apply._documents import Documents
from masugata.apply._iam import read_iam
from masugata.apply.description import (
    MANAGEMENT,
    Account,
    Description,
    OrganizationPolicy,
    Unit,
)
from masugata.apply.document import Node, Text, read_document
from masugata.apply.problems import Problems, shown
from masugata.records.organizations import SERVICE_CONTROL_POLICY

_TOP = dict.fromkeys(
    (
        "organization",
        "policy_types",
        "policies",
        "root",
        "accounts",
        "management",
        "trusted_services",
        "delegated_administrators",
        "resource_policy",
    )
)
_POLICY = dict.fromkeys(("name", "type", "description", "content", "tags"))
_UNIT = dict.fromkeys(("policies", "detached", "tags", "accounts", "organizational_units"))
_MANAGEMENT = dict.fromkeys(("policies", "detached", "tags", "iam"))
_ACCOUNT = dict.fromkeys(("name", "email", "id", *_MANAGEMENT))
DEEPEST_UNITS = 16  # beyond what any limit on levels allows


def read_description(content: bytes, file: str, problems: Problems) -> Description:
    """The description in a file; what is wrong with it goes to `problems`.

    Raises `InvalidFileError` where it is not even YAML.
    """
    return _Reader(problems, Path(file).parent).description(read_document(content, file))


class _Reader:
    def __init__(self, problems: Problems, folder: Path) -> None:
        self._problems = problems
        self._documents = Documents(problems, folder)

    def description(self, node: Node) -> Description:
        problems = self._problems
        top = of.members(problems, node, "the file", _TOP)
        organization = of.members(problems, top.get("organization"), "organization", {"features": None})
        root = top.get("root")
        resource_policy = top.get("resource_policy")
        delegated = of.named(
            problems,
            top.get("delegated_administrators"),
            "delegated_administrators",
            lambda _, item: of.texts(problems, item, "a service's delegated administrators") or [],
        )
        return Description(
            place=node.place,
            features=of.text(problems, organization.get("features"), "features"),
            policy_types=of.texts(problems, top.get("policy_types"), "policy_types"),
            policies=of.named(problems, top.get("policies"), "policies", self._policy),
            root=None if root is None else self._unit(root, (), "root"),
            accounts=of.named(problems, top.get("accounts"), "accounts", self._account),
            management=self._management(top.get("management"), node),
            trusted_services=of.texts(problems, top.get("trusted_services"), "trusted_services"),
            delegated_administrators=delegated,
            resource_policy=None
            if resource_policy is None
            else self._documents.document(resource_policy, resource_policy, "resource_policy"),
        )

    def _policy(self, key: Text, node: Node) -> OrganizationPolicy:
        found = of.members(self._problems, node, "a policy", _POLICY)
        return OrganizationPolicy(
            place=key.place,
            key=str(key),
            name=of.text(self._problems, found.get("name"), "name") or str(key),
            type=of.text(self._problems, found.get("type"), "type") or SERVICE_CONTROL_POLICY,
            description=of.text(self._problems, found.get("description"), "description"),
            document=self._documents.document(found.get("content"), node, "the policy's `content`"),
            tags=of.tags(self._problems, found.get("tags")),
        )

    def _unit(self, node: Node, path: tuple[str, ...], what: str) -> Unit:
        problems = self._problems
        if len(path) > DEEPEST_UNITS:
            problems.add(node, "organizational units are nested too deeply")
            return Unit(place=node.place, path=path)
        found = of.members(problems, node, what, _UNIT)
        return Unit(
            place=node.place,
            path=path,
            policies=of.texts(problems, found.get("policies"), "policies"),
            detached=of.texts(problems, found.get("detached"), "detached"),
            tags=of.tags(problems, found.get("tags")),
            accounts=of.texts(problems, found.get("accounts"), "accounts"),
            units=of.named(
                problems,
                found.get("organizational_units"),
                "organizational_units",
                lambda name, item: self._named_unit(name, item, path),
            ),
        )

    def _named_unit(self, name: Text, node: Node, above: tuple[str, ...]) -> Unit:
        unit = self._unit(node, (*above, str(name)), "an organizational unit")
        unit.place = name.place
        return unit

    def _account(self, key: Text, node: Node) -> Account:
        if key == MANAGEMENT:
            self._problems.add(
                key, f"{shown(MANAGEMENT)} is the management account: it stands at the top level"
            )
        found = of.members(self._problems, node, "an account", _ACCOUNT)
        if "email" not in found:
            self._problems.add(key, f"the account {shown(key)} needs an `email`")
        account = self._filled(Account(place=key.place, key=str(key), name=str(key)), found)
        account.name = of.text(self._problems, found.get("name"), "name") or account.name
        account.email = of.text(self._problems, found.get("email"), "email") or ""
        account.id = of.text(self._problems, found.get("id"), "id")
        return account

    def _management(self, node: Node | None, top: Node) -> Account:
        found = of.members(self._problems, node, MANAGEMENT, _MANAGEMENT)
        place = top.place if node is None else node.place
        return self._filled(Account(place=place, key=MANAGEMENT, name=MANAGEMENT), found)

    def _filled(self, account: Account, found: dict[str, Node]) -> Account:
        account.policies = of.texts(self._problems, found.get("policies"), "policies")
        account.detached = of.texts(self._problems, found.get("detached"), "detached")
        account.tags = of.tags(self._problems, found.get("tags"))
        if "iam" in found:
            account.iam = read_iam(self._problems, self._documents, found["iam"])
        return account
