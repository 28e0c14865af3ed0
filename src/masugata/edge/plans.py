"""Which inspector decides about a site's requests just now; it may be replaced between any two of them."""

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from masugata.edge.inspection import NO_PLAN, Inspector

if TYPE_CHECKING:
    from masugata.edge.settings import EdgeSettings, SiteSettings


class Plans:
    """Holds the inspector; None before there is a plan, and then `reason` is what clients are told.

    A request that is being decided about has the plan that it began with, the next one has the new one:
    evaluation is one call, so that no request sees two. `inspected_body` is how many bytes of a body the
    inspector wants.
    """

    __slots__ = ("inspected_body", "inspector", "reason")

    def __init__(self, inspector: Inspector | None = None, inspected_body: int = 65_536) -> None:
        self.inspector = inspector
        self.reason = NO_PLAN
        self.inspected_body = inspected_body

    def replace(
        self, inspector: Inspector | None, *, inspected_body: int | None = None, reason: str = NO_PLAN
    ) -> None:
        """Decide by this one from now on; from any thread, if it wants no more of a body than before."""
        if inspected_body is not None:
            self.inspected_body = inspected_body
        self.reason = reason
        self.inspector = inspector


class PlanSource(Protocol):
    """What brings plans: called in each worker, for each site, before connections are accepted.

    It may start a thread that calls `plans.replace` whenever there is a newer plan.
    """

    def __call__(self, site: "SiteSettings", plans: Plans) -> None:
        """Begin to bring plans."""


def load_inspectors(settings: "EdgeSettings", site: "SiteSettings", plans: Plans) -> None:
    """Begin to bring plans from the source that the settings name, as `MODULE:FUNCTION`, if they name one."""
    if settings.plan_source is not None:
        module, _, name = settings.plan_source.partition(":")
        source: PlanSource = getattr(import_module(module), name)
        source(site, plans)
