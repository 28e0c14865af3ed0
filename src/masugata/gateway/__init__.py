"""The one door: every call is routed, authenticated, parsed, authorized, done, recorded and answered here."""

from masugata.gateway.exchange import Exchange
from masugata.gateway.gateway import Gateway
from masugata.gateway.observer import Observer

__all__ = ["Exchange", "Gateway", "Observer"]
