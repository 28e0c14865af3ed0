"""The rules of a decision that depend on action and resource, not on what policies say, as cells.

They ask the functions that decide single requests wherever there is one.
"""

from typing import Final

from masugata.engines.policy.decide import ALWAYS_ALLOWED, BOTH_SIDES, is_key
from masugata.engines.policy.decision import Policies, Request
from masugata.engines.policy.exemptions import binding_rcps, owner
from masugata.engines.policy.matrix.columns import Columns, Resource
from masugata.engines.policy.matrix.rows import Cells, Rows
from masugata.engines.policy.principals import Principal
from masugata.engines.policy.reserved import reserved
from masugata.engines.policy.types import PolicyType

_STS: Final = "sts"
_WITH_RESERVED: Final = ("iam", "kms")
_RETIRE_GRANT: Final = "kms:retiregrant"


class Rules:
    """Cells that are treated alike for all callers, or for all of an account."""

    def __init__(self, rows: Rows, columns: Columns, management_account: str) -> None:
        self._rows = rows
        self._columns = columns
        self._management = management_account
        self.columns = columns.all
        self._roles = columns.where(resource.type is PolicyType.TRUST for resource in columns.resources)
        self.keys = columns.where(map(is_key, columns.targets))
        self.delegating = self._delegating()
        self.exempt = self._times(rows.where(ALWAYS_ALLOWED.__eq__), columns.all)
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
            found = self._rows.everywhere(foreign)
            for service, bits in self._times(self._rows.where(BOTH_SIDES.__contains__), self._roles).items():
                found[service] = found.get(service, 0) | bits
            self._both[known] = found
        return found

    def bound_by_rcps(self, principal: Principal) -> Cells:
        """Where resource control policies bind this caller."""
        known = principal.kind == "service", principal.service_linked, principal.account
        found = self._bound.get(known)
        if found is None:
            found = {}
            for service in self._rows.blocks:
                retiring = self._rows.where(_RETIRE_GRANT.__eq__, (service,))
                others = self._rows.where(_RETIRE_GRANT.__ne__, (service,))
                for action, rows in ((_RETIRE_GRANT, retiring), (f"{service}:", others)):
                    for cells in self._times(rows, self._bound_columns(principal, action)).values():
                        found[service] = found.get(service, 0) | cells
            self._bound[known] = found
        return found

    def _bound_columns(self, principal: Principal, action: str) -> int:
        return self._columns.where(
            bool(
                resource.rcp
                and binding_rcps(
                    Policies(
                        None,
                        rcp=resource.rcp,
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
        found: Cells = {}
        for service, columns in ((_STS, self._roles), ("kms", self.keys)):
            if service in self._rows.blocks and columns:
                found[service] = self._rows.blocks[service].all * columns
        return found

    def _reserved(self) -> Cells:
        found: Cells = {}
        for service in _WITH_RESERVED:
            block = self._rows.blocks.get(service)
            for row, action in enumerate(() if block is None else block.actions):
                columns = self._columns.where(
                    reserved(action, target) is not None for target in self._columns.targets
                )
                found[service] = found.get(service, 0) | columns << row * self._columns.width
        return found

    @staticmethod
    def _times(rows: Cells, columns: int) -> Cells:
        return {service: beginnings * columns for service, beginnings in rows.items()} if columns else {}


def _type_for(resource: Resource, action: str) -> PolicyType:
    """The kind of resource policy that speaks of an action: a role's trust policy speaks of STS alone."""
    if resource.type is PolicyType.TRUST and not action.startswith(f"{_STS}:"):
        return PolicyType.RESOURCE
    return resource.type
