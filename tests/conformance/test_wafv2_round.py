"""A tour through all operations of AWS WAF with boto3, every answer held to the model."""

from pathlib import Path

from conformance import wafv2_rules, wafv2_web_acls
from conformance.inspector import Inspector
from masugata.services.wafv2 import OPERATIONS
from support import House

NOT_THERE = {"GenerateMobileSdkReleaseUrl", "GetMobileSdkRelease"}
"""Operations on releases of AWS's SDKs, of which none is here: they answer that there is none."""


def test_every_built_operation(tmp_path: Path) -> None:
    """All operations answer, with every member that the model requires and times in milliseconds."""
    house = House(tmp_path)
    inspector = Inspector(house)
    inspector.resolution = 1000
    waf = inspector.client("wafv2")
    resource = wafv2_web_acls.edge(house)
    group = wafv2_rules.rule_groups(waf, *wafv2_rules.sets(waf))
    web_acl = wafv2_web_acls.web_acls(waf, group)
    wafv2_web_acls.associations(waf, web_acl, resource)
    wafv2_web_acls.tags(waf, web_acl)
    wafv2_web_acls.logging(waf, web_acl)
    wafv2_web_acls.managed(waf, group, house)
    wafv2_web_acls.keys_and_sdks(waf)
    house.store.close()
    assert inspector.missing == set()
    # AWS answers an empty description where there is none, though its model says that it has a character.
    assert {place for place in inspector.outside if not place.endswith(".Description")} == set()
    assert set(OPERATIONS) - inspector.called["wafv2"] == NOT_THERE
