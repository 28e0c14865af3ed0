"""What came of many requests, counted, and as tables."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import click

from masugata.cli._waf_running import DEFAULT, Outcome

ATTACK, BENIGN = "attack", "benign"
MOST_GROUPS = 2_000
"""Families and sources that are counted; all others are one."""
_OTHER = "(others)"


class _Row(NamedTuple):
    name: str
    hit: int
    total: int

    @property
    def percent(self) -> float:
        return 100 * self.hit / self.total


class Tallies:
    """Sums over outcomes; memory does not grow with their number."""

    def __init__(self, rules: Iterable[str]) -> None:
        """`rules` are those of the web ACL, so that one that never matched is seen too."""
        self.actions: Counter[str] = Counter()
        self.errors = 0
        self._rules: dict[str, Counter[str]] = {name: Counter() for name in rules}
        self._false: Counter[str] = Counter()
        self._groups: dict[str, dict[tuple[str, str], list[int]]] = {"family": {}, "source": {}}
        self._labels: dict[str, list[int]] = {}

    def add(self, outcome: Outcome) -> None:
        """Count one."""
        if outcome.error:
            self.errors += 1
            return
        self.actions[outcome.action] += 1
        for hit in outcome.hits:
            self._rules.setdefault(hit.rule, Counter())[hit.action] += 1
        if not outcome.label:
            return
        if outcome.label == BENIGN and outcome.stopped:
            self._false[outcome.rule] += 1
        _count(self._labels.setdefault(outcome.label, [0, 0]), outcome)
        for kind, name in (("family", outcome.family), ("source", outcome.source)):
            groups = self._groups[kind]
            key = (outcome.label, name)
            if key not in groups and len(groups) >= MOST_GROUPS:
                key = (outcome.label, _OTHER)
            _count(groups.setdefault(key, [0, 0]), outcome)

    def missed(self) -> float:
        """Attacks that went through, in percent; 0 if there were none."""
        stopped, total = self._labels.get(ATTACK, (0, 0))
        return 100 * (total - stopped) / total if total else 0.0

    def false(self) -> float:
        """Harmless requests that were stopped, in percent."""
        stopped, total = self._labels.get(BENIGN, (0, 0))
        return 100 * stopped / total if total else 0.0

    def to_dict(self) -> dict[str, Any]:
        """All of it, for programs."""
        return {
            "requests": self.actions.total(),
            "errors": self.errors,
            "actions": dict(self.actions),
            "rules": {name: dict(counts) for name, counts in self._rules.items()},
            "false": dict(self._false),
            "labels": {name: _pair(*sums) for name, sums in sorted(self._labels.items())},
            "families": self._listed("family"),
            "sources": self._listed("source"),
        }

    def _listed(self, kind: str) -> list[dict[str, Any]]:
        return [
            {"label": label, kind: name} | _pair(*sums)
            for (label, name), sums in sorted(self._groups[kind].items())
        ]

    def text(self) -> str:
        """All of it, for people."""
        head = ("rule", "stopped", "counted", "allowed", *(("stopped benign",) if self._labels else ()))
        parts = [_table(head, self._rule_rows())]
        for label in sorted(self._labels):
            verb = "caught" if label == ATTACK else "blocked"
            for kind in self._groups:
                rows = self._group_rows(kind, label)
                if rows:
                    parts.append(_table((f"{label} by {kind}", verb, "of", "%"), rows))
        parts.append(self._sentence())
        return "\n\n".join(parts)

    def _rule_rows(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []
        for name, counts in self._rules.items():
            passed = counts["ALLOW"]
            counted = counts["COUNT"] + counts["EXCLUDED_AS_COUNT"]
            row = (name, str(counts.total() - passed - counted), str(counted), str(passed))
            rows.append((*row, str(self._false[name])) if self._labels else row)
        if self._labels and self._false[DEFAULT]:
            rows.append((DEFAULT, "", "", "", str(self._false[DEFAULT])))
        return rows

    def _group_rows(self, kind: str, label: str) -> list[tuple[str, ...]]:
        found = [_Row(name or "-", *sums) for (its, name), sums in self._groups[kind].items() if its == label]
        if len(found) == 1 and found[0].name == "-":
            return []
        found.sort(key=lambda row: (-row.total, row.name))
        return [(r.name, str(r.hit), str(r.total), f"{r.percent:.2f}") for r in found]

    def _sentence(self) -> str:
        acted = ", ".join(f"{count} {action}" for action, count in sorted(self.actions.items()))
        lines = [f"{self.actions.total()} requests: {acted or 'none'}"]
        for label, (stopped, total) in sorted(self._labels.items()):
            verb = "caught" if label == ATTACK else "blocked"
            lines.append(f"{label}: {stopped} of {total} {verb}, {100 * stopped / total:.2f} %")
        return "\n".join(lines)


def _count(sums: list[int], outcome: Outcome) -> None:
    sums[0] += outcome.stopped
    sums[1] += 1


def _pair(stopped: int, total: int) -> dict[str, Any]:
    return {"stopped": stopped, "total": total, "percent": round(100 * stopped / total, 3)}


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Names to the left, numbers to the right; only the head is bold, and only on a terminal."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [_line(head, widths), *(_line(row, widths) for row in rows)]
    return "\n".join([click.style(lines[0], bold=True), *lines[1:]])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]).rstrip()
