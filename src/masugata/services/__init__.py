"""The services that are built, one folder each, and the table of them all."""

from collections.abc import Mapping

from masugata.call import DueWork, Operation
from masugata.services import cloudtrail, iam, organizations, sts

SERVICES: Mapping[str, Mapping[str, Operation]] = {
    "cloudtrail": cloudtrail.OPERATIONS,
    "iam": iam.OPERATIONS,
    "organizations": organizations.OPERATIONS,
    "sts": sts.OPERATIONS,
}

NOT_BUILT: Mapping[str, Mapping[str, str]] = {"iam": iam.NOT_BUILT}
"""Why an operation cannot mean anything outside AWS, for those that answer 501 for that reason."""

DUE_WORK: tuple[DueWork, ...] = (*organizations.DUE_WORK,)
"""What takes time, of all services; the scheduler moves it on."""

GLOBAL_SERVICES = frozenset({"iam", "organizations"})
"""Services without a Region of their own: any signing Region is accepted, and they act in us-east-1."""
GLOBAL_REGION = "us-east-1"
