"""A warning in the log whenever a root user is at work, and no more of them than a person reads."""

import logging
from threading import Lock

from masugata.gateway import Exchange

_log = logging.getLogger("masugata.root")

INTERVAL = 60
"""Seconds for which the calls of one account's root user are told together."""
_MOST_ACCOUNTS = 1024


class RootCalls:
    """Tells of the first call at once, and of those within a minute after it when the next one comes.

    Every call is in the event log in any case, and counted in the metrics.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._told: dict[str, tuple[float, int]] = {}

    def warn(self, exchange: Exchange, account: str) -> None:
        """A root user of `account` made this call."""
        now, route = exchange.now.timestamp(), exchange.route
        with self._lock:
            told, silent = self._told.get(account, (0.0, 0))
            if abs(now - told) < INTERVAL:
                self._told[account] = (told, silent + 1)
                return
            if len(self._told) >= _MOST_ACCOUNTS:
                self._told.clear()
            self._told[account] = (now, 0)
        caller = exchange.caller
        creates_key = route.operation == "CreateAccessKey" and caller is not None
        advice = (
            "a root user should have no access keys"
            if creates_key and "UserName" not in exchange.request
            else "use an IAM user or a role for daily work"
        )
        _log.warning(
            "the root user of account %s called %s:%s from %s (%d more calls since the last warning); %s",
            account,
            route.service,
            route.operation,
            exchange.http.source_ip,
            silent,
            advice,
        )
