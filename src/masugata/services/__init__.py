"""The services that are built, one folder each, and the table of them all."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from masugata.call import DueWork, Operation, PreparedWork
from masugata.records.kind import Kind
from masugata.records.kms import KEY, SCHEDULED
from masugata.records.organizations import CREATE_ACCOUNT_REQUEST, MEMBER
from masugata.services import iam

_BUILT = ("cloudtrail", "iam", "kms", "organizations", "sts", "wafv2")


class _Services(Mapping[str, Mapping[str, Operation]]):
    """Each service's operations; it is imported when it is first asked for, as most are by few."""

    def __init__(self) -> None:
        self._imported: dict[str, Mapping[str, Operation]] = {}

    def __getitem__(self, service: str) -> Mapping[str, Operation]:
        found = self._imported.get(service)
        if found is None:
            if service not in _BUILT:
                raise KeyError(service)
            found = self._imported[service] = import_module(f"masugata.services.{service}").OPERATIONS
        return found

    def __contains__(self, service: object) -> bool:
        return service in _BUILT

    def __iter__(self) -> Iterator[str]:
        return iter(_BUILT)

    def __len__(self) -> int:
        return len(_BUILT)


SERVICES: Mapping[str, Mapping[str, Operation]] = _Services()

_PAYMENTS = "nobody is paid for requests here"
NOT_BUILT: Mapping[str, Mapping[str, str]] = {
    "iam": iam.NOT_BUILT,
    "wafv2": {
        "GetRevenueStatistics": _PAYMENTS,
        "GetRevenueStatisticsSummary": _PAYMENTS,
        "GetRevenueStatisticsTimeSeries": _PAYMENTS,
        "GetTopPathStatisticsByTraffic": "the traffic of bots is not counted by path",
        "ListSettlementRecords": _PAYMENTS,
    },
}
"""Why an operation cannot mean anything outside AWS, for those that answer 501 for that reason."""

DUE_WORK: Mapping[str, tuple[Kind[Any], ...]] = {
    "kms": (KEY, SCHEDULED),
    "organizations": (CREATE_ACCOUNT_REQUEST, MEMBER),
}
"""The services whose work takes time, and the kinds of records without which they have none to do."""


def due_work(service: str) -> tuple[DueWork | PreparedWork, ...]:
    """What takes time in a service; the scheduler moves it on."""
    work: tuple[DueWork | PreparedWork, ...] = import_module(f"masugata.services.{service}").DUE_WORK
    return work


GLOBAL_SERVICES = frozenset({"iam", "organizations"})
"""Services without a Region of their own: any signing Region is accepted, and they act in us-east-1."""
GLOBAL_REGION = "us-east-1"
