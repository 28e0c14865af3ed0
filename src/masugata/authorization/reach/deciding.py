"""The matrix and its reasons, as accounts need them: RCPs bind the services that support them."""

from collections.abc import Iterable, Sequence

from masugata.authorization.guardrails import rcp_supported
from masugata.engines.policy.matrix import NO_FACTS, Facts, Matrix, Reasons, Resource, Subject, reasons


def matrix_of(
    subjects: Iterable[Subject],
    actions: Iterable[str],
    things: Sequence[Resource],
    asked: Facts = NO_FACTS,
) -> Matrix:
    """Every decision on these; `asked` are condition keys of every request."""
    return Matrix(subjects, actions, things, asked, rcp_services=rcp_supported)


def reasons_of(subject: Subject, action: str, thing: Resource, asked: Facts) -> Reasons:
    """Why one of these decisions is what it is."""
    return reasons(subject, action, thing, asked, rcp_services=rcp_supported)
