"""The organization of a file, made in a test's installation by the calls that anybody would make."""

import os
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from masugata.apply import Description, Sessions, execute, parse_description, plan_of
from masugata.client import Client, Keys
from masugata.testing.installation import Installation


class DescribedOrganization:
    """The description in a file; raises `InvalidFileError` for one that breaks rules.

    `accounts` says what the ids of its accounts are, by their keys in the file.
    """

    def __init__(self, file: str | os.PathLike[str], limits: Mapping[str, int] | None) -> None:
        path = Path(file)
        self._description = _description(path.read_bytes(), str(path), tuple(sorted((limits or {}).items())))
        self.accounts: dict[str, str] = {}

    def make(self, installation: Installation, management: str, region: str) -> None:
        """Make what it describes. Access keys that it has made nobody keeps: a test acts as anybody."""
        client = Client(
            lambda request: installation.gateway.dispatch(request).result(),
            Keys(*installation.administrator(management)),
            clock=_now,
            host="localhost",
            region=region,
        )
        sessions = Sessions(client, clock=_now)
        plan, state = plan_of(self._description, sessions)
        execute(plan, sessions, state.names, _let_go)
        keys = [account.key for account in self._description.all_accounts()]
        self.accounts = {key: state.names.id("account", key) for key in keys}


def _now() -> datetime:
    """Clients sign with the machine's time, whatever the test's clock says."""
    return datetime.now(UTC)


def _let_go(account: str, user: str, keys: Keys, others: Collection[str]) -> None:
    del account, user, keys, others


@lru_cache(maxsize=8)
def _description(content: bytes, file: str, limits: tuple[tuple[str, int], ...]) -> Description:
    """Read and checked once for all tests that have it; policies in files of their own are read then, too."""
    return parse_description(content, file, dict(limits))
