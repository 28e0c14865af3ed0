"""The whole check of one document."""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from masugata.engines.policy.grammar import MalformedPolicyError, validate_policy
from masugata.engines.policy.types import PolicyType
from masugata.engines.policy.validation import (
    actions,
    conditions,
    elements,
    keys,
    organizations,
    passing,
    principals,
    redundancy,
    resources,
    sizes,
    sources,
    tags,
    trust,
    values,
    variables,
)
from masugata.engines.policy.validation._report import STEPS, Report, printable, show
from masugata.engines.policy.validation._statements import Policy, Statement, read
from masugata.engines.policy.validation._tree import (
    DEEPEST,
    Lines,
    Node,
    Object,
    SyntaxProblemError,
    Tree,
    parse,
)
from masugata.engines.policy.validation.codes import REFUSED
from masugata.engines.policy.validation.findings import Finding, FindingType, Location
from masugata.engines.policy.validation.knowledge import Knowledge
from masugata.errors import MasugataError

# IAM takes 131,072 characters at most from its callers; the largest AWS managed policy has more.
LONGEST: Final = 262_144

_STATEMENT = re.compile(r"Statement\[([0-9]+)\]")
StatementCheck = Callable[[Statement, Report], None]
PolicyCheck = Callable[[Policy, Report], None]

# Every check, in the order in which findings of one place are shown.
POLICY_CHECKS: Final[tuple[PolicyCheck, ...]] = (
    *elements.POLICY_CHECKS,
    *sizes.CHECKS,
    *resources.POLICY_CHECKS,
    *sources.POLICY_CHECKS,
    *redundancy.POLICY_CHECKS,
)
STATEMENT_CHECKS: Final[tuple[StatementCheck, ...]] = (
    *elements.STATEMENT_CHECKS,
    *actions.CHECKS,
    *resources.STATEMENT_CHECKS,
    *principals.CHECKS,
    *trust.CHECKS,
    *organizations.CHECKS,
    *variables.CHECKS,
    *conditions.CHECKS,
    *keys.CHECKS,
    *values.CHECKS,
    *sources.CHECKS,
    *passing.CHECKS,
    *tags.CHECKS,
    *redundancy.STATEMENT_CHECKS,
)


class Result(NamedTuple):
    """The findings in order of their places; `complete` is False where there was too much to compare."""

    findings: tuple[Finding, ...]
    complete: bool = True

    def has(self, *types: FindingType) -> bool:
        """Whether there is a finding of one of these types."""
        return any(finding.type in types for finding in self.findings)


def validate(
    text: str | bytes,
    type: PolicyType,  # noqa: A002 - the word the field has for it
    knowledge: Knowledge,
    *,
    resource_type: str = "",
    steps: int = STEPS,
) -> Result:
    """Check a policy of `type`; never raises, whatever the text is.

    `resource_type` is Access Analyzer's `validatePolicyResourceType`, e.g. `AWS::S3::Bucket`, for resource
    policies. `steps` bounds the comparisons of names and patterns.
    """
    try:
        tree = read_tree(text)
    except UnreadableTextError as error:
        return Result((error.finding,))
    return validate_node(tree, tree.root, type, knowledge, resource_type=resource_type, steps=steps)


class UnreadableTextError(MasugataError):
    """The text is not JSON; `finding` says so with the place."""

    def __init__(self, problem: str, text: str, offset: int) -> None:
        super().__init__(problem)
        place = Lines(text).position(offset)
        message = printable(f"this is not JSON: {problem}")
        self.finding = Finding(FindingType.ERROR, "JSON_SYNTAX_ERROR", message, (Location((), place, place),))


def read_tree(text: str | bytes, *, longest: int = LONGEST, deepest: int = DEEPEST) -> Tree:
    """Parse a document of at most `longest` characters; raises `UnreadableTextError`."""
    if isinstance(text, bytes):
        try:
            text = text.decode()
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode()
            raise UnreadableTextError("it is not UTF-8", before, len(before)) from None
    if len(text) > longest:
        raise UnreadableTextError(f"it has more than {longest} characters", text[:longest], longest)
    try:
        return parse(text, deepest)
    except SyntaxProblemError as error:
        raise UnreadableTextError(error.problem, text, error.offset) from None


def validate_node(
    tree: Tree,
    node: Node,
    type: PolicyType,  # noqa: A002
    knowledge: Knowledge,
    *,
    resource_type: str = "",
    steps: int = STEPS,
) -> Result:
    """`validate` for the part of a document that is a policy, as in an export of many."""
    report = Report(tree.lines, knowledge, steps)
    # What is stored of a file is all of it: white space around the policy counts too, for some.
    text = tree.text if node is tree.root else tree.text[node.start : node.end]
    for key in tree.repeated:
        if node.start <= key.start < node.end:
            report.add("JSON_SYNTAX_ERROR", f"the name {show(key.value)} occurs twice in one object", key)
    if not isinstance(node, Object):
        report.add("DATA_TYPE_MISMATCH", f"a policy is an object, and this is of type {node.kind}", node)
    else:
        policy = read(text, node, type, resource_type)
        for check in POLICY_CHECKS:
            check(policy, report)
        for statement in policy.statements:
            for check_statement in STATEMENT_CHECKS:
                check_statement(statement, report)
    _ask_grammar(text, node, type, report)
    ordered = sorted(report.findings, key=lambda finding: finding.locations[0].start.offset)
    return Result(tuple(ordered), complete=not report.spent)


def _ask_grammar(text: str, root: Node, policy_type: PolicyType, report: Report) -> None:
    """What the API refuses is an error here too, if nothing else has said so."""
    if any(finding.type is FindingType.ERROR for finding in report.findings):
        return
    try:
        validate_policy(text, policy_type)
    except MalformedPolicyError as error:
        report.add(REFUSED, f"the API refuses this: {error}", _place(root, error.detail))


def _place(root: Node, detail: str) -> Node:
    """The statement that the grammar's detail names, or the document."""
    found = _STATEMENT.search(detail)
    for statement in read("", root, PolicyType.IDENTITY, "").statements if isinstance(root, Object) else ():
        if found and statement.index == int(found[1]):
            return statement.node
    return root
