"""The condition keys that a policy refers to, in conditions and as policy variables."""

import re
from collections.abc import Iterable, Iterator

from masugata.engines.policy.document import Document, RawStatement, read_document
from masugata.engines.policy.types import PolicyType
from masugata.engines.policy.variables import Variable, parse_template

_VARIABLES = "2012-10-17"


def context_keys(documents: Iterable[str], policy_type: PolicyType) -> list[str]:
    """All keys that the documents refer to, each once, spelled and ordered as they first occur.

    Raises `MalformedPolicyError`.
    """
    found: dict[str, str] = {}
    for text in documents:
        document = read_document(text, policy_type)
        for statement in document.statements:
            for key in statement_keys(statement, variables=has_variables(document)):
                found.setdefault(key.lower(), key)
    return list(found.values())


def has_variables(document: Document) -> bool:
    """Whether `${…}` in the document is a policy variable."""
    return document.version == _VARIABLES


def statement_keys(statement: RawStatement, *, variables: bool) -> Iterator[str]:
    """The keys that one statement refers to, some maybe twice; of variables with a default, too."""
    if variables:
        for resource in statement.resources or ():
            yield from variable_keys(resource)
    for _, key, values in statement.conditions:
        yield key
        for value in values if variables else ():
            yield from variable_keys(value)


def variable_keys(text: str) -> Iterator[str]:
    """The keys of the variables in one text, as they are spelled there."""
    for part in parse_template(text, variables=True, wildcards=False):
        if isinstance(part, Variable):
            spelled = re.search(re.escape(part.key), text, re.IGNORECASE)
            yield spelled[0] if spelled else part.key
