"""Policies, said shortly."""

import json
from typing import Any


def document(*statements: dict[str, Any]) -> str:
    """A policy of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(action: Any = "*", resource: Any = "*", *, sid: str = "", **condition: Any) -> dict[str, Any]:
    """An Allow statement with the condition given by operator."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return statement | ({"Sid": sid} if sid else {}) | ({"Condition": condition} if condition else {})


def deny(action: Any = "*", resource: Any = "*", *, sid: str = "", **condition: Any) -> dict[str, Any]:
    """A Deny statement with the condition given by operator."""
    return allow(action, resource, sid=sid, **condition) | {"Effect": "Deny"}
