"""The policies in a file: one, or all of an exported account; and of which type each is.

An export is what `aws iam get-account-authorization-details` prints.
"""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final, NamedTuple
from urllib.parse import unquote

from masugata.cli._json_values import UnreadableError
from masugata.engines.policy import PolicyType
from masugata.engines.policy.validation import Array, Node, Object, Text, Tree

EXPORT_DEEPER: Final = 6  # levels around a policy in an export
_LISTS: Final = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
_DOCUMENTS: Final = frozenset({"PolicyDocument", "AssumeRolePolicyDocument", "Document"})
_WORDS: Final = {
    "scp": PolicyType.SCP,
    "rcp": PolicyType.RCP,
    "trust": PolicyType.TRUST,
    "boundary": PolicyType.BOUNDARY,
    "session": PolicyType.SESSION,
    "vpce": PolicyType.VPCE,
}


class Found(NamedTuple):
    """A policy of a file; `name` says which one, of an export, and `why` how its type is known."""

    node: Node
    type: PolicyType
    name: str
    why: str


def find(tree: Tree, file: str, policy_type: PolicyType | None) -> list[Found]:
    """All policies of a file; raises `UnreadableError` for an export in which some are missing."""
    root = tree.root
    if isinstance(root, Object) and root.get("Statement") is None and any(map(root.get, _LISTS)):
        _check_export(tree, root, file)
        return list(_exported(root))
    if policy_type is not None:
        return [Found(root, policy_type, "", "")]
    guessed, why = _guess(root, file)
    return [Found(root, guessed, "", why)]


def encoded_text(found: Found) -> str | None:
    """A policy that an export has as a string, percent-encoded as the API answers it; None for others."""
    if not found.name or not isinstance(found.node, Text):
        return None
    value = found.node.value
    try:
        text = value if value.lstrip().startswith("{") else unquote(value, errors="strict")
    except UnicodeDecodeError:
        return None
    return text if text.lstrip().startswith("{") else None


def _check_export(tree: Tree, root: Object, file: str) -> None:
    """What is not looked at must not count as good: other pages, and what a repeated name hides."""
    if _is_true(root.get("IsTruncated")) or root.get("NextToken"):
        raise UnreadableError(f"{file}: more pages follow: export without --max-items")
    for key in tree.repeated:
        if _DOCUMENTS.isdisjoint(key.path):
            line = tree.lines.position(key.start).line
            raise UnreadableError(f"{file}:{line}: the name `{key.value}` occurs twice in one object")
    for name in _LISTS:
        for item in _items(root.get(name)):
            if not isinstance(item, Object):
                line = tree.lines.position(item.start).line
                raise UnreadableError(
                    f"{file}:{line}: not what `aws iam get-account-authorization-details` writes"
                )


def _guess(root: Node, file: str) -> tuple[PolicyType, str]:
    for word in re.split(r"[^a-z]+", PurePath(file).name.lower()):
        if word in _WORDS:
            return _WORDS[word], f"its file is named `{word}`"
    element = root.get("Statement") if isinstance(root, Object) else None
    statements = [node for node in _items(element) if isinstance(node, Object)]
    if not any(node.get("Principal") or node.get("NotPrincipal") for node in statements):
        return PolicyType.IDENTITY, "it names no principal"
    actions = [text for node in statements for text in _items(node.get("Action")) if isinstance(text, Text)]
    if actions and all(text.value.lower().startswith("sts:") for text in actions):
        return PolicyType.TRUST, "it has a principal and actions of STS only"
    return PolicyType.RESOURCE, "it has a principal"


def _exported(root: Object) -> Iterator[Found]:
    for kind, name_key in (("User", "UserName"), ("Group", "GroupName"), ("Role", "RoleName")):
        for entity in _objects(root.get(f"{kind}DetailList")):
            whose = f"{kind.lower()} {_text(entity, name_key)}"
            trust = entity.get("AssumeRolePolicyDocument")
            if trust:
                yield Found(trust, PolicyType.TRUST, f"{whose}, trust policy", "")
            for inline in _objects(entity.get(f"{kind}PolicyList")):
                document = inline.get("PolicyDocument")
                if document:
                    yield Found(document, PolicyType.IDENTITY, f"{whose}, {_text(inline, 'PolicyName')}", "")
    for managed in _objects(root.get("Policies")):
        arn = _text(managed, "Arn")
        for version in _objects(managed.get("PolicyVersionList")):
            document = version.get("Document")
            if document and _is_true(version.get("IsDefaultVersion")) and ":iam::aws:" not in arn:
                yield Found(document, PolicyType.IDENTITY, arn, "")


def _is_true(node: Node | None) -> bool:
    return getattr(node, "value", None) == "true"


def _objects(node: Node | None) -> Iterator[Object]:
    return (item for item in _items(node) if isinstance(item, Object))


def _items(node: Node | None) -> list[Node]:
    if isinstance(node, Array):
        return node.items
    return [] if node is None else [node]


def _text(node: Object, name: str) -> str:
    value = node.get(name)
    text = value.value if isinstance(value, Text) else "?"
    return "".join(c if c.isprintable() else "�" for c in text[:256])
