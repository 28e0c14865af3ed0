"""Compiling for the workers: what this leaves in the folder of patterns, they only load."""

from collections.abc import Sequence
from pathlib import Path

from masugata.engines.waf.definitions import Ruleset
from masugata.engines.waf.managed import managed_groups
from masugata.engines.waf.matching import Databases, Engine, Pattern, Scan, Spot, choose_engine
from masugata.engines.waf.plan import compile_plan
from masugata.pattern_cache import PatternCache


class Compiler:
    """Tries rulesets; may be used by threads."""

    def __init__(self, patterns: Path) -> None:
        """Raises `NoEngineError`."""
        self._databases = PatternCache(patterns)
        self._engine = _Trying(choose_engine())
        self._managed = managed_groups()

    def compile(self, ruleset: Ruleset) -> None:
        """Compile it, and keep nothing in memory; raises `RulesetError`, which names the bad rule."""
        compile_plan(ruleset, managed=self._managed, databases=self._databases, engine=self._engine)


class _Trying:
    """Compiles, and forgets all but what it has compiled before."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._done: set[int] = set()

    @property
    def name(self) -> str:
        """That of the engine behind."""
        return self._engine.name

    def compile(self, patterns: Sequence[Pattern], databases: Databases) -> Scan:
        """Compile them unless that was done before; what is returned is never run."""
        key = hash(tuple(patterns))
        if key not in self._done:
            self._engine.compile(patterns, databases)
            self._done.add(key)
        return _Never()


class _Never:
    """This plan was compiled to see that it can be."""

    def __call__(self, _: bytes) -> list[int]:
        raise NotImplementedError

    def spots(self, _: bytes) -> list[Spot]:
        raise NotImplementedError
