"""The last check of rules: that an edge can make a plan of them."""

from collections.abc import Iterable, Sequence

from masugata.engines.waf.definitions import DefaultAction, GoOn, Rule, Ruleset, VisibilityConfig, WebACL
from masugata.engines.waf.errors import RulesetError
from masugata.engines.waf.matching import Databases, NoDatabases, NoPatterns, Pattern, Scan
from masugata.engines.waf.plan import compile_plan
from masugata.records.wafv2 import referred
from masugata.services.wafv2._actions import Bodies
from masugata.services.wafv2._errors import invalid
from masugata.services.wafv2._regexes import check_regexes_of


class _NoEngine:
    """Compiles nothing: regular expressions have been checked, and nothing is going to be matched."""

    name = "none"

    def compile(self, patterns: Sequence[Pattern], databases: Databases) -> Scan:
        """Matches nothing."""
        del patterns, databases
        return NoPatterns()


def check_compiles(rules: Iterable[Rule], bodies: Bodies) -> None:
    """Raise WAFInvalidParameterException if no plan can be made of rules that refer to no rule group.

    An edge that was given them would have to go on with what it had before. Sets are as if they were empty.
    It takes up to a second, so it is done before the transaction, once it is known that the rules fit.
    """
    rules = tuple(rules)
    check_regexes_of(rules)
    own = tuple(
        rule
        for rule in rules
        if rule.statement.rule_group_reference_statement is None
        and rule.statement.managed_rule_group_statement is None
    )
    sets: dict[str, tuple[str, ...]] = dict.fromkeys(referred(own), ())
    web_acl = WebACL(
        name="",
        arn="",
        label_namespace="",
        default_action=DefaultAction(allow=GoOn()),
        visibility_config=VisibilityConfig(
            sampled_requests_enabled=False, cloud_watch_metrics_enabled=False, metric_name=""
        ),
        rules=own,
        custom_response_bodies=dict(bodies),
    )
    ruleset = Ruleset(web_acl=web_acl, ip_sets=sets, regex_pattern_sets=sets)
    try:
        compile_plan(ruleset, managed={}, databases=NoDatabases(), engine=_NoEngine())
    except RulesetError as error:
        raise invalid("RULE", error.where.strip("/") or "Rules", error.problem.replace("`", "'")) from None
