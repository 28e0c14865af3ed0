"""Counts of requests, shared by the processes of an edge and, where told to, by several edges."""

from masugata.edge.rates.shared import SharedRates

__all__ = ["SharedRates"]
