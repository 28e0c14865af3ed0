"""An installation in memory, and files that are applied to it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from masugata.apply import Plan, Sessions, execute, parse_description, plan_of, read_state, write_description
from masugata.client import Client, Keys
from masugata.testing.clock import Clock
from masugata.testing.installation import Installation

MANAGEMENT = "111122223333"
EXAMPLE = (Path(__file__).parents[2] / "vectors/organizations/everything.yaml").read_text()


@dataclass
class World:
    """One installation; `keys` are the access keys that were made, by account and user."""

    installation: Installation = field(default_factory=lambda: Installation(Clock()))
    keys: list[tuple[str, str, Keys]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.installation.open_account(MANAGEMENT)
        self.calls: list[str] = []
        self.client = Client(
            self._send, Keys(*self.installation.administrator(MANAGEMENT)), clock=now, host="localhost"
        )
        self.sessions = Sessions(self.client, clock=now)

    def _send(self, request: Any) -> Any:
        self.calls.append(request.header("x-amz-target") or request.body.decode().split("&")[0])
        return self.installation.gateway.dispatch(request).result()

    def plan(self, text: str, *, prune: bool = False) -> Plan:
        """What a file would change."""
        return plan_of(parse_description(text.encode(), "o.yaml"), self.sessions, prune=prune)[0]

    def apply(self, text: str, *, prune: bool = False, keep: Any = None) -> Plan:
        """Make it so."""
        plan, state = plan_of(parse_description(text.encode(), "o.yaml"), self.sessions, prune=prune)
        execute(plan, self.sessions, state.names, keep or self._keep, wait=lambda _seconds: None)
        return plan

    def _keep(self, account: str, user: str, keys: Keys, others: Any) -> None:
        del others
        self.keys.append((account, user, keys))

    def export(self) -> str:
        """What is there, as a file."""
        return write_description(read_state(self.sessions, lambda _account: True))

    def organizations(self, operation: str, **request: Any) -> dict[str, Any]:
        """A call of Organizations by the management account."""
        return self.client.call("organizations", operation, **request)

    def account_id(self, name: str) -> str:
        """The id of an account."""
        listed = self.client.listed("organizations", "ListAccounts", "Accounts")
        return next(account["Id"] for account in listed if account["Name"] == name)


def now() -> datetime:
    return datetime.now(UTC)


def told(plan: Plan) -> list[str]:
    """The changes in a few words."""
    return [f"{change.action} {change.what}" for change in plan.changes]


@pytest.fixture
def world() -> World:
    """A new one."""
    return World()


@pytest.fixture
def example() -> str:
    """A file with one of everything."""
    return EXAMPLE


@pytest.fixture
def words() -> Callable[[Plan], list[str]]:
    """From a plan to its changes in a few words."""
    return told
