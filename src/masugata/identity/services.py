"""AWS services as callers: for somebody, with what that one may do, or for themselves.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
"""

import msgspec

SERVICE_SUFFIX = ".amazonaws.com"


class CallingService(msgspec.Struct, frozen=True):
    """A service that makes a call for somebody who called it; `name` is as in its endpoints ("s3")."""

    name: str
    region: str = ""

    @property
    def principal(self) -> str:
        """As `aws:CalledVia` names it."""
        return f"{self.name}{SERVICE_SUFFIX}"

    @property
    def regional(self) -> str:
        """As `kms:ViaService` names it."""
        return f"{self.name}.{self.region}{SERVICE_SUFFIX}"


class ServicePrincipal(msgspec.Struct, frozen=True, kw_only=True):
    """A service that makes a call of its own, as the principal `name` ("cloudtrail.amazonaws.com").

    `account` is the one that it does so for, and `source_arn` the resource there, if it is for one.
    """

    name: str
    account: str
    region: str
    partition: str = "aws"
    source_arn: str = ""
