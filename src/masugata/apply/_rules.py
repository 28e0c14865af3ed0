"""Rules that many parts of a description have in common."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from masugata.apply.description import Description, Document, Tags
from masugata.apply.document import Node
from masugata.apply.problems import Placed, Problems, shown
from masugata.apply.references import compact, named, narrowed, rendered
from masugata.engines.inheritance import MalformedDeclarativePolicyError, check_policy
from masugata.engines.policy import PolicyType
from masugata.engines.policy.grammar import MalformedPolicyError, policy_size, validate_policy
from masugata.errors import AwsError
from masugata.services.iam._common import TAGS_PER_RESOURCE
from masugata.wire import load_service
from masugata.wire.constraints import Check, compile_constraints

_TAGS = "organizations.tags-per-resource"
_STATEMENT = re.compile(r"Statement\[([0-9]+)\]")
# As long as the ids that will stand there, so that sizes are right.
_SOME_ACCOUNT, _SOME_ORGANIZATION = "000000000000", "o-0000000000"


class Rules:
    """Checks that add to `problems`."""

    def __init__(self, problems: Problems, description: Description) -> None:
        self.problems = problems
        self._description = description

    def model(self, service: str, operation: str, request: Mapping[str, Any], at: Placed) -> None:
        """Names, lengths and patterns, as AWS's model has them for the request that will be made."""
        check = _constraints(service, operation)
        for violation in (check(request) if check else None) or ():
            if violation.path.partition(".")[0] in {name[:1].lower() + name[1:] for name in request}:
                self.problems.add(at, f"`{violation.path}`{violation.shown}: {violation.text}")

    def tags(self, tags: Tags | None, at: Placed, service: str = "organizations") -> None:
        """Tags, as Organizations and IAM have them."""
        found = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
        self.model(service, "TagUser" if service == "iam" else "TagResource", {"Tags": found}, at)
        most = TAGS_PER_RESOURCE if service == "iam" else self._description.limits[_TAGS]
        if len(found) > most:
            self.problems.add(at, f"there are more than {most} tags")
        if service == "iam" and len({key.lower() for key in tags or ()}) < len(found):
            self.problems.add(at, "two tags differ only in case, and to IAM they are one")
        for key in tags or ():
            if key.lower().startswith("aws:"):
                self.problems.add(at, f"the tag {shown(key)} begins with `aws:`, which is AWS's own")

    def references(self, value: Any, at: Placed) -> None:
        """That the accounts which a text, or all texts of a policy, refer to are in the file."""
        for name in named(value):
            key = name.removeprefix("account:")
            if name.startswith("account:") and self._description.account(key) is None:
                self.problems.add(at, f"${{{name}}}: there is no account {shown(key)} in `accounts`")

    def document(
        self,
        document: Document,
        type_: PolicyType | str,
        largest: int,
        at: Placed,
        also: Callable[[str], None] | None = None,
    ) -> None:
        """A policy: what it refers to, its size, and its grammar: IAM's, or that of a declarative type.

        `also` is a check of the text that raises `AwsError`.
        """
        if document.content is None:
            return
        place = document.node or at
        self.references(document.content, place)
        text = compact(rendered(document.content, _some_id))
        if isinstance(type_, PolicyType):
            text = narrowed(text)
        size = policy_size(text, type_) if isinstance(type_, PolicyType) else len(text)
        if size > largest:
            self.problems.add(place, f"the policy has {size} characters; {largest} are the limit")
        try:
            _check_grammar(type_, text)
            if also is not None:
                also(text)
        except MalformedPolicyError as error:
            self.problems.add(_statement(document.node, error.detail) or at, str(error))
        except MalformedDeclarativePolicyError as error:
            self.problems.add(place, str(error))
        except AwsError as error:
            self.problems.add(place, error.message)


def _check_grammar(type_: PolicyType | str, text: str) -> None:
    if isinstance(type_, PolicyType):
        validate_policy(text, type_)
    else:
        check_policy(type_, text)


def _some_id(name: str) -> str:
    return _SOME_ORGANIZATION if name == "organization:id" else _SOME_ACCOUNT


def _statement(node: Node | None, detail: str) -> Node | None:
    """The statement that the grammar speaks of, or the policy."""
    found = _STATEMENT.search(detail)
    if found is None or node is None or not isinstance(node.value, dict):
        return node
    statements: Node | None = node.value.get("Statement")
    if statements is None or not isinstance(statements.value, list):
        return statements or node
    listed: list[Node] = statements.value
    index = int(found[1])
    return listed[index] if index < len(listed) else node


@lru_cache(maxsize=64)
def _constraints(service: str, operation: str) -> Check | None:
    model = load_service(service)
    shape = model.operation(operation).input
    return None if shape is None else compile_constraints(model, shape)
