"""What the grants of KMS keys give a caller, beside what the key policies say."""

from collections.abc import Iterable

from masugata.engines.policy.grants import KeyGrant
from masugata.engines.policy.matrix.columns import Resource
from masugata.engines.policy.matrix.named import Granting, Grants, callers
from masugata.engines.policy.matrix.rows import Rows, RowSet
from masugata.engines.policy.principals import Principal

_KMS = ("kms",)


class KeyGrants:
    """All grants of all keys; `keys` are the columns that are keys."""

    def __init__(self, rows: Rows, resources: Iterable[Resource], keys: int) -> None:
        self._rows = rows
        self._grants = [
            (grant, 1 << column)
            for column, resource in enumerate(resources)
            for grant in resource.key_grants
            if keys >> column & 1
        ]

    def added(self, grants: Grants, principal: Principal, *, any_session: bool) -> Grants:
        """What policies grant a caller, and what its grants do."""
        if not self._grants:
            return grants
        granting = Granting(self._rows)
        for grant, columns in self._grants:
            known_as = callers(principal, (grant.grantee,), any_session=any_session)
            for action, rows in self._actions(grant):
                matches = [int(grant.match(caller, action) or 0) for caller in known_as]
                for mode, match in enumerate((min(matches), max(matches))):
                    if match:
                        granting.add(mode, match, rows, columns, allow=True)
        return granting.grants(grants)

    def _actions(self, grant: KeyGrant) -> Iterable[tuple[str, RowSet]]:
        for operation in grant.operations:
            action = f"kms:{operation.lower()}"
            yield action, self._rows.where(action.__eq__, _KMS)
