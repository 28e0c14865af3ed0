"""What the processes of an edge say to people."""

import logging


def configure_logging(level: str, who: str = "") -> None:
    """Lines on standard error."""
    logging.basicConfig(level=level.upper(), format=f"%(asctime)s %(levelname)s %(name)s{who}: %(message)s")
