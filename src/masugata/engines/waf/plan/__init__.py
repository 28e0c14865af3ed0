"""Web ACLs, compiled once and evaluated for every request."""

from masugata.engines.waf.plan._compile import compile_plan
from masugata.engines.waf.plan._plan import Asked, Plan

__all__ = ["Asked", "Plan", "compile_plan"]
