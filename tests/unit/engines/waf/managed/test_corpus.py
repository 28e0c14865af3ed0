"""The default groups over the labelled requests, where these lie beside the repository."""

import pytest

from waf_corpus import CORPUS, Outcome, decide, default_plan, requests

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(not CORPUS.exists(), reason=f"the labelled requests are not at `{CORPUS}`"),
]

FEWEST = {"sqli": 94.0, "xss": 97.0, "cmdi": 89.0, "traversal": 97.0}
"""Of a hundred attacks of a family; many requests of the CRS's tests among them are words, not attacks."""


def test_what_the_default_refuses() -> None:
    """Attacks are refused, and nobody's name, article or post of an editor is."""
    plan, outcome = default_plan(), Outcome()
    for labelled in requests():
        outcome.add(labelled, decide(plan, labelled.request), 0.0)
    for family, share in FEWEST.items():
        assert outcome.families[True, family].share >= share, family
    assert outcome.attacks.share >= 95.0
    # Of the family real-paths some are a scanner's; without it next to nothing is refused.
    paths = outcome.families[False, "real-paths"]
    assert outcome.harmless.refused - paths.refused <= 0.0005 * (outcome.harmless.all - paths.all)
    assert paths.share <= 7.5
    assert outcome.families[False, "names-forms"].refused == 0
    assert outcome.families[False, "cms-html"].share <= 1.0
    assert outcome.families[False, "real-browsing"].share <= 0.1
