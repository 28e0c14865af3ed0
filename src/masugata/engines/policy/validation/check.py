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
from masugata.engines.policy.validation._report import STEPS, Report, show
from masugata.engines.policy.validation._statements import Policy, Statement, read
from masugata.engines.policy.validation._tree import (
    DEEPEST,
    Lines,
    Node,
    Object,
    SyntaxProblemError,
    Text,
    parse,
)
from masugata.engines.policy.validation.codes import REFUSED
from masugata.engines.policy.validation.findings import Finding, FindingType, Location
from masugata.engines.policy.validation.knowledge import Knowledge

# What IAM takes as a PolicyDocument at most; no quota is near it.
LONGEST: Final = 131_072

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
    """The findings in order of their places; `complete` is False where a hostile document cut checks short."""

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
    problem = ""
    if isinstance(text, bytes):
        try:
            text = text.decode()
        except UnicodeDecodeError as error:
            text, problem = text[: error.start].decode(), "the text is not UTF-8"
    offset = len(text)
    if len(text) > LONGEST:
        offset, problem = LONGEST, f"a policy has at most {LONGEST} characters"
    if not problem:
        try:
            root, repeated = parse(text, DEEPEST)
        except SyntaxProblemError as error:
            offset, problem = error.offset, error.problem
    if problem:
        return Result((_syntax_error(text, offset, problem),))
    return validate_node(text, root, repeated, type, knowledge, resource_type=resource_type, steps=steps)


def validate_node(
    text: str,
    root: Node,
    repeated: list[Text],
    type: PolicyType,  # noqa: A002
    knowledge: Knowledge,
    *,
    resource_type: str = "",
    steps: int = STEPS,
) -> Result:
    """`validate` for a document that is a part of a larger one, whose whole text and tree are given."""
    report = Report(Lines(text), knowledge, steps)
    for key in repeated:
        report.add("JSON_SYNTAX_ERROR", f"the name {show(key.value)} occurs twice in one object", key)
    if not isinstance(root, Object):
        report.add("DATA_TYPE_MISMATCH", f"a policy is an object, and this is of type {root.kind}", root)
    else:
        policy = read(text[root.start : root.end], root, type, resource_type)
        for check in POLICY_CHECKS:
            check(policy, report)
        for statement in policy.statements:
            for check_statement in STATEMENT_CHECKS:
                check_statement(statement, report)
    _ask_grammar(text[root.start : root.end], root, type, report)
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


def _syntax_error(text: str, offset: int, problem: str) -> Finding:
    place = Lines(text).position(offset)
    message = f"this is not JSON: {problem}"
    return Finding(FindingType.ERROR, "JSON_SYNTAX_ERROR", message, (Location((), place, place),))
