"""A web ACL with challenges, as the edge asks it."""

import os
from datetime import UTC, datetime

import msgspec

from masugata.edge.challenge.challenges import Challenges, Random
from masugata.engines.waf.decision import Decision
from masugata.engines.waf.environment import Environment
from masugata.engines.waf.plan import Plan
from masugata.engines.waf.request import WebRequest


class WafInspector:
    """Decides by a plan, answers what is sent to the challenges, and shows their pages: an `Inspector`."""

    def __init__(
        self, plan: Plan, environment: Environment, challenges: Challenges, random: Random = os.urandom
    ) -> None:
        self._plan = plan
        self._environment = environment
        self._challenges = challenges
        self._random = random

    def inspect(self, request: WebRequest, now: float) -> Decision:
        """Decide about a request that came at `now`, seconds since 1970.

        What solves a challenge is answered before any rule is asked: a rule that asks for tokens would
        otherwise keep its own clients from getting one.
        """
        answer = self._challenges.handle(request, now, self._random)
        if answer is not None:
            return Decision("CHALLENGE", response=answer)
        decision = self._plan.evaluate(request, self._environment, datetime.fromtimestamp(now, UTC))
        if decision.action not in ("CHALLENGE", "CAPTCHA"):
            return decision
        response = self._challenges.page(decision, request, now, self._random)
        return msgspec.structs.replace(decision, response=response)
