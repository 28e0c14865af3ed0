"""The rules of a decision that depend on action and resource, not on what policies say, as cells.

They ask the functions that decide single requests wherever there is one.
"""

from collections.abc import Callable
from typing import Final

from masugata.engines.policy.decide import ALWAYS_ALLOWED, BOTH_SIDES, is_key
from masugata.engines.policy.decision import Policies, Request
from masugata.engines.policy.exemptions import binding_rcps, owner
from masugata.engines.policy.matrix.columns import Columns, Resource
from masugata.engines.policy.matrix.rows import Cells, Rows, union
from masugata.engines.policy.principals import Principal
from masugata.engines.policy.reserved import reserved
from masugata.engines.policy.sets import PolicySet
from masugata.engines.policy.types import PolicyType

_STS: Final = "sts"
_KMS: Final = "kms"
_WITH_RESERVED: Final = ("iam", _KMS)
_RETIRE_GRANT: Final = "kms:retiregrant"
_SOME: Final = (PolicySet(PolicyType.RCP),)


def every_service(_service: str) -> bool:
    """RCPs bind the actions of every service."""
    return True


class Rules:
    """Cells that are treated alike for all callers, or for all of an account."""

    def __init__(
        self, rows: Rows, columns: Columns, management_account: str, rcp_services: Callable[[str], bool]
    ) -> None:
        self._rows = rows
        self._columns = columns
        self._management = management_account
        self._rcp_services = rcp_services
        self.columns = columns.all
        self._roles = columns.where(resource.type is PolicyType.TRUST for resource in columns.resources)
        self.keys = columns.where(map(is_key, columns.targets))
        self.delegating = self._delegating()
        self.exempt = rows.cells(rows.where(ALWAYS_ALLOWED.__eq__), columns.all)
        self.reserved = self._reserved()
        self._both: dict[tuple[str, str], Cells] = {}
        self._bound: dict[tuple[object, ...], Cells] = {}

    def both_sides(self, principal: Principal) -> Cells:
        """Where identity and resource policy must both allow this caller."""
        known = principal.account, principal.partition
        found = self._both.get(known)
        if found is None:
            account = principal.account
            foreign = self._columns.where(
                account == "" or owner(self._request(principal, resource), target) != account
                for resource, target in zip(self._columns.resources, self._columns.targets, strict=True)
            )
            found = self._rows.cells(self._rows.all, foreign)
            of_roles = self._rows.cells(self._rows.where(BOTH_SIDES.__contains__), self._roles)
            found = self._both[known] = union(found, of_roles)
        return found

    def bound_by_rcps(self, principal: Principal) -> Cells:
        """Where resource control policies bind this caller, if there are any."""
        known = principal.kind == "service", principal.service_linked, principal.account
        found = self._bound.get(known)
        if found is None:
            parts: list[Cells] = [{}]
            for service in filter(self._rcp_services, self._rows.blocks):
                retiring = self._rows.where(_RETIRE_GRANT.__eq__, (service,))
                others = self._rows.where(_RETIRE_GRANT.__ne__, (service,))
                for action, rows in ((_RETIRE_GRANT, retiring), (f"{service}:", others)):
                    parts.append(self._rows.cells(rows, self._bound_columns(principal, action)))
            found = union(*parts)
            self._bound[known] = found
        return found

    def _bound_columns(self, principal: Principal, action: str) -> int:
        return self._columns.where(
            bool(
                binding_rcps(
                    Policies(
                        None,
                        rcp=_SOME,
                        resource_type=_type_for(resource, action),
                        management_account=self._management,
                    ),
                    self._request(principal, resource, action),
                    target,
                )
            )
            for resource, target in zip(self._columns.resources, self._columns.targets, strict=True)
        )

    @staticmethod
    def _request(principal: Principal, resource: Resource, action: str = "") -> Request:
        return Request(principal, action, resource.arn, resource.account, {}, resource.rcp_supported)

    def _delegating(self) -> Cells:
        """Where identity policies count only if the resource policy names the account."""
        assuming = self._rows.cells(self._rows.within(self._rows.all, _STS), self._roles)
        return union(assuming, self._rows.cells(self._rows.within(self._rows.all, _KMS), self.keys))

    def _reserved(self) -> Cells:
        found: Cells = {}
        for service in _WITH_RESERVED:
            for row, action in enumerate(self._rows.blocks.get(service, ())):
                columns = self._columns.where(
                    reserved(action, target) is not None for target in self._columns.targets
                )
                found[service] = found.get(service, 0) | columns << row * self._rows.width
        return found


def _type_for(resource: Resource, action: str) -> PolicyType:
    """The kind of resource policy that speaks of an action: a role's trust policy speaks of STS alone."""
    if resource.type is PolicyType.TRUST and not action.startswith(f"{_STS}:"):
        return PolicyType.RESOURCE
    return resource.type
