"""Text transformations: how values are rewritten before they are looked at. One file each.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-transformation.html, and for
what it leaves open ModSecurity's reference manual, whose `t:` functions they are.
"""

from collections.abc import Iterable, Mapping

from masugata.engines.waf.definitions import TextTransformation
from masugata.engines.waf.transformations._transformation import (
    Transform,
    Transformation,
    compose,
    unchanged,
)
from masugata.engines.waf.transformations.lowercase import LOWERCASE
from masugata.engines.waf.transformations.url_decode import URL_DECODE

__all__ = ["TRANSFORMATIONS", "Transform", "Transformation", "chain", "unchanged"]

TRANSFORMATIONS: Mapping[str, Transformation] = {
    "NONE": Transformation(unchanged, ()),
    "LOWERCASE": LOWERCASE,
    "URL_DECODE": URL_DECODE,
}


def chain(transformations: Iterable[TextTransformation]) -> Transform:
    """One function for all steps, taken by ascending priority; the same for the same steps."""
    return compose(
        tuple(
            TRANSFORMATIONS[step.type].transform
            for step in sorted(transformations, key=lambda step: step.priority)
            if step.type != "NONE"
        )
    )
