"""The one door: every call is routed, authenticated, parsed, authorized, done, recorded and answered here."""

from masugata.gateway.gateway import Gateway

__all__ = ["Gateway"]
