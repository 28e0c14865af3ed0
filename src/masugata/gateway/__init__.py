"""The one door: every call is routed, authenticated, parsed, authorized, done, recorded and answered here."""

from masugata.gateway.exchange import Exchange
from masugata.gateway.gateway import Gateway
from masugata.gateway.observer import Observer
from masugata.gateway.sign_in import SignInDoor

__all__ = ["Exchange", "Gateway", "Observer", "SignInDoor"]
