"""The streams that one worker sends log records to; they outlive the plans that name them."""

import os
from threading import Lock

from masugata.edge.observing.delivery import Delivery
from masugata.edge.observing.firehose import Firehose
from masugata.edge.observing.log_plan import LogStream


class Streams:
    """Each has a queue and a thread of its own, from its first use on; may be used by threads."""

    def __init__(self) -> None:
        self._deliveries: dict[LogStream, Delivery] = {}
        self._opening = Lock()
        self._counted = 0

    def open(self, stream: LogStream) -> Delivery:
        """What takes records for it; raises `MasugataError` for a URL that cannot be one."""
        with self._opening:
            delivery = self._deliveries.get(stream)
            if delivery is None:
                delivery = Delivery(stream.name, Firehose(stream, os.environ))
                delivery.start()
                self._deliveries[stream] = delivery
            return delivery

    def newly_lost(self) -> int:
        """How many records were lost since the last call."""
        lost = sum(delivery.lost for delivery in [*self._deliveries.values()])
        new, self._counted = lost - self._counted, lost
        return new

    def close(self) -> None:
        """Send what waits, for a few seconds."""
        for delivery in self._deliveries.values():
            delivery.close()
