"""Telling an operator how the server does: metrics, and a log of requests."""

from masugata.server.monitoring.logs import configure_logging
from masugata.server.monitoring.observer import RequestObserver
from masugata.server.monitoring.shared import SharedMetrics
from masugata.server.monitoring.text import exposition

__all__ = ["RequestObserver", "SharedMetrics", "configure_logging", "exposition"]
