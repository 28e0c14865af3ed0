"""What an edge tells of the requests that it decided about: samples, limited addresses, and logs."""

from masugata.edge.observing.observer import Observation, Observer

__all__ = ["Observation", "Observer"]
