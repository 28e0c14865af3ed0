"""A gateway with the usual skew and a clock that stands still, and calls in each protocol to send it."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from masugata.gateway import Gateway
from masugata.wire import HttpRequest
from support import House
from unit.wire.sigv4_client import Key, sign

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
QUERY = HttpRequest(
    method="POST",
    path="/",
    headers=(("host", "localhost:4566"), ("content-type", "application/x-www-form-urlencoded")),
    body=b"Action=GetCallerIdentity&Version=2011-06-15",
)
JSON = HttpRequest(
    method="POST",
    path="/",
    headers=(
        ("host", "localhost:4566"),
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"),
    ),
    body=b"{}",
)
PRESIGNED = HttpRequest(
    method="GET",
    path="/",
    query="Action=ListUsers&Version=2010-05-08",
    headers=(("host", "localhost:4566"),),
)
KINDS = {"sts": QUERY, "cloudtrail": JSON, "iam": PRESIGNED}


class Strict(House):
    """A house whose clock stands still and whose skew is the usual one."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.now = NOW
        self.gateway = Gateway(self.store, self.keeper, clock=lambda: self.now, random=os.urandom)
        self.key = Key(*self.admin)

    def sign(
        self, service: str, key: Key | None = None, *, region: str = "eu-west-1", **more: Any
    ) -> HttpRequest:
        """A call of the service's, signed."""
        expires = 60 if service == "iam" else None
        arguments = {"service": service, "region": region, "now": NOW, "expires": expires, **more}
        return sign(KINDS[service], key or self.key, **arguments)
