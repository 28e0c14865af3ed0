"""LabelMatchStatement: an earlier rule has added this label, or one in this namespace."""

from collections.abc import Collection

from masugata.engines.waf.context import Context
from masugata.engines.waf.decision import MatchDetail
from masugata.engines.waf.definitions.statements import LabelMatchStatement
from masugata.engines.waf.statements._matcher import Details, Matcher
from masugata.engines.waf.statements._scope import Scope

FULL = "awswaf:"


def compile_label_match(statement: LabelMatchStatement, scope: Scope) -> Matcher:
    """A key that does not begin with `awswaf:` is of the web ACL's or rule group's own namespace.

    Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-label-match.html
    """
    key = full_name(statement.key, scope)
    doubt = scope.doubt
    if statement.scope == "LABEL":
        return Matcher(
            lambda context: key in context.labels and _counts(context, (key,), doubt=doubt),
            details=lambda _: (MatchDetail("LABEL_MATCH", "LABEL", (key,)),),
        )
    namespace = key if key.endswith(":") else key + ":"

    def details(context: Context) -> Details:
        return (MatchDetail("LABEL_MATCH", "LABEL", tuple(in_namespace(context, namespace))),)

    return Matcher(
        lambda context: _counts(context, in_namespace(context, namespace), doubt=doubt), details=details
    )


def _counts(context: Context, labels: Collection[str], *, doubt: bool) -> bool:
    """Whether one of these labels is there for sure; `doubt` is the answer if all of them are doubtful."""
    if not context.doubtful or not context.doubtful.issuperset(labels):
        return bool(labels)
    if labels:
        context.doubted = True
    return bool(labels) and doubt


def full_name(key: str, scope: Scope) -> str:
    """A label's or namespace's full name."""
    return key if key.startswith(FULL) else scope.label_namespace + key


def in_namespace(context: Context, namespace: str) -> list[str]:
    """The labels so far that are in this namespace."""
    return [label for label in context.labels if label.startswith(namespace)]
