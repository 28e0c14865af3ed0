"""Which inspector decides about a site's requests just now; it may be replaced between any two of them."""

from masugata.edge.inspection import Inspector


class Plans:
    """Holds the inspector; None before there is a plan.

    A request that is being decided about has the plan that it began with, the next one has the new one:
    evaluation is one call, so that no request sees two.
    """

    __slots__ = ("inspector",)

    def __init__(self, inspector: Inspector | None = None) -> None:
        self.inspector = inspector

    def replace(self, inspector: Inspector | None) -> None:
        """Decide by this one from now on."""
        self.inspector = inspector
