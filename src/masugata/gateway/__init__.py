"""The one door: every call is routed, authenticated, parsed, authorized, done, recorded and answered here."""

from masugata.gateway.by_service import ByService
from masugata.gateway.exchange import Exchange
from masugata.gateway.gateway import Gateway
from masugata.gateway.observer import Observer
from masugata.gateway.sign_in import SignInDoor

__all__ = ["ByService", "Exchange", "Gateway", "Observer", "SignInDoor"]
