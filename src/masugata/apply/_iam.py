"""The `iam` section of an account."""

from masugata.apply import _members as of
from masugata.apply._documents import Documents
from masugata.apply.description import Iam, ManagedPolicy, Principal
from masugata.apply.document import Node, Text
from masugata.apply.problems import Problems

_SECTIONS = dict.fromkeys(("policies", "groups", "users", "roles"))
_POLICY = dict.fromkeys(("path", "description", "content", "tags"))
_ALL = ("path", "policies", "inline_policies")
MEMBERS = {
    "group": dict.fromkeys(_ALL),
    "user": dict.fromkeys((*_ALL, "groups", "permissions_boundary", "tags", "access_keys")),
    "role": dict.fromkeys(
        (*_ALL, "trust_policy", "description", "max_session_duration", "permissions_boundary", "tags")
    ),
}
"""Which members each kind of principal has."""


def read_iam(problems: Problems, documents: Documents, node: Node) -> Iam:
    """What an account's IAM is to hold."""
    found = of.members(problems, node, "iam", _SECTIONS)
    reader = _Reader(problems, documents)
    return Iam(
        place=node.place,
        policies=of.named(problems, found.get("policies"), "policies", reader.policy),
        groups=reader.principals(found.get("groups"), "group"),
        users=reader.principals(found.get("users"), "user"),
        roles=reader.principals(found.get("roles"), "role"),
    )


class _Reader:
    def __init__(self, problems: Problems, documents: Documents) -> None:
        self._problems = problems
        self._documents = documents

    def policy(self, name: Text, node: Node) -> ManagedPolicy:
        found = of.members(self._problems, node, "a policy", _POLICY)
        return ManagedPolicy(
            place=name.place,
            name=str(name),
            path=of.text(self._problems, found.get("path"), "path"),
            description=of.text(self._problems, found.get("description"), "description"),
            document=self._documents.document(found.get("content"), node, "the policy's `content`"),
            tags=of.tags(self._problems, found.get("tags")),
        )

    def principals(self, node: Node | None, kind: str) -> dict[str, Principal] | None:
        return of.named(
            self._problems, node, f"{kind}s", lambda name, item: self._principal(name, item, kind)
        )

    def _principal(self, name: Text, node: Node, kind: str) -> Principal:
        problems, documents = self._problems, self._documents
        found = of.members(problems, node, f"a {kind}", MEMBERS[kind])
        boundary = found.get("permissions_boundary")
        boundary_name = of.text(problems, boundary, "permissions_boundary")
        principal = Principal(
            place=name.place,
            kind=kind,
            name=str(name),
            path=of.text(problems, found.get("path"), "path"),
            policies=of.texts(problems, found.get("policies"), "policies"),
            inline_policies=of.named(
                problems,
                found.get("inline_policies"),
                "inline_policies",
                lambda _, item: documents.document(item, item, "the policy"),
            ),
            tags=of.tags(problems, found.get("tags")),
            groups=of.texts(problems, found.get("groups"), "groups"),
            access_keys=of.number(problems, found.get("access_keys"), "access_keys"),
            description=of.text(problems, found.get("description"), "description"),
            max_session_duration=of.number(
                problems, found.get("max_session_duration"), "max_session_duration"
            ),
        )
        if boundary is not None and boundary_name is not None:
            principal.permissions_boundary = Text.at(boundary.place, boundary_name)
        if kind == "role":
            principal.trust_policy = documents.document(
                found.get("trust_policy"), node, "the role's `trust_policy`"
            )
        return principal
