"""Inspectors for the edge, the middlewares and forward authentication, whatever their plans come from."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NoReturn

from masugata.edge.challenge import ChallengeSettings
from masugata.edge.inspection import Inspector, NoPlanError, NotInspectedError
from masugata.edge.plans import Plans
from masugata.edge.protection import Protection
from masugata.edge.web_acl_files import load_web_acl
from masugata.engines.waf.decision import Decision
from masugata.engines.waf.definitions import Ruleset
from masugata.engines.waf.environment import Environment, Location, Locations, TokenState
from masugata.engines.waf.managed import ManagedGroups, managed_groups
from masugata.engines.waf.matching import Databases, NoDatabases
from masugata.engines.waf.plan import Plan, compile_plan
from masugata.engines.waf.request import WebRequest


class PlanInspector:
    """Decides by one plan; may be shared by threads."""

    def __init__(self, plan: Plan, environment: Environment) -> None:
        self._plan = plan
        self._environment = environment

    def inspect(self, request: WebRequest, now: float) -> Decision:
        """What the plan says of it; see `Inspector`."""
        return self._plan.evaluate(request, self._environment, datetime.fromtimestamp(now, UTC))


class FollowingInspector:
    """Decides by whatever plan there is just now; raises `NoPlanError` before there is one.

    For plans that are replaced while requests come: what brings them calls `plans.replace`, from any thread.
    """

    def __init__(self, plans: Plans) -> None:
        self.plans = plans

    def inspect(self, request: WebRequest, now: float) -> Decision:
        """What the plan of now says of it; see `Inspector`."""
        inspector = self.plans.inspector
        if inspector is None:
            raise NoPlanError
        return inspector.inspect(request, now)


class _Nothing:
    """An environment that knows nothing, and says so: a guess could be a wrong yes."""

    def locate(self, address: str) -> Location:
        """Of no address."""
        _fail("where addresses are", address)

    def count(self, rule: str, key: bytes, window: int, limit: int) -> int:
        """Nothing."""
        _fail("rates", rule, key, window, limit)

    def state(
        self, token: bytes | None, purpose: Literal["CHALLENGE", "CAPTCHA"], immunity: int, host: bytes
    ) -> TokenState:
        """Of no token."""
        _fail("tokens", token, purpose, immunity, host)

    def identity(self, token: bytes | None) -> str | None:
        """Of nobody."""
        _fail("tokens", token)


def _fail(what: str, *asked: object) -> NoReturn:
    del asked
    raise NotInspectedError(f"a rule asks for {what}, which this inspector was given nothing for")


_NOTHING = _Nothing()


def inspector_from_ruleset(
    ruleset: Ruleset,
    *,
    protection: Protection | None = None,
    locations: Locations = _NOTHING,
    managed: ManagedGroups | None = None,
    databases: Databases | None = None,
) -> Inspector:
    """Compile it; raises `RulesetError`, which names the rule that cannot be.

    Rates, challenges and tokens need `protection`, and countries and autonomous systems `locations`: where
    a rule asks for what is not there, the inspection fails. Managed rule groups are those of this program,
    without fetched lists, unless others are given; `databases` keeps what is compiled: a `PatternCache`.
    """
    groups = managed_groups() if managed is None else managed
    plan = compile_plan(ruleset, managed=groups, databases=databases or NoDatabases())
    if protection is None:
        return PlanInspector(plan, Environment(locations, _NOTHING, _NOTHING))
    settings = ChallengeSettings(token_domains=ruleset.web_acl.token_domains)
    return protection.inspector(plan, locations, settings)


def inspector_from_file(
    path: str | Path,
    *,
    inspected_body: int | None = 16_384,
    protection: Protection | None = None,
    locations: Locations = _NOTHING,
    managed: ManagedGroups | None = None,
    databases: Databases | None = None,
) -> Inspector:
    """The same for a web ACL in a file (see `web_acl_files`); raises `WebAclFileError` too."""
    ruleset = load_web_acl(path, body_limit=inspected_body)
    return inspector_from_ruleset(
        ruleset, protection=protection, locations=locations, managed=managed, databases=databases
    )
