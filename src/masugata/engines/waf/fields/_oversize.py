"""What OversizeHandling says of a statement whose part of the request is larger than is looked at."""

from collections.abc import Mapping

from masugata.engines.waf.definitions.fields import OversizeHandling

OVERSIZE: Mapping[OversizeHandling, bool | None] = {"CONTINUE": None, "MATCH": True, "NO_MATCH": False}
