"""Which key can be used in which Region, and by which material, said as plainly as possible, in days.

There is no store, no schedule and no state of a key here: all follows from which materials a Region has.
"""

from dataclasses import dataclass, field
from math import inf


@dataclass
class Copy:
    """A key in one Region: whether somebody disabled it, and until when it has which material."""

    disabled: bool = False
    there: dict[str, float] = field(default_factory=dict)


@dataclass
class KeyModel:
    """A multi-Region key; `past` are the materials that are or were current, in order."""

    primary: str
    imported: bool
    today: int = 0
    past: list[str] = field(default_factory=list)
    waiting: str | None = None
    period: int | None = None
    due: int = 0
    overdue: bool = False
    copies: dict[str, Copy] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.copies[self.primary] = Copy()
        if not self.imported:
            self._add_own()

    def usable(self, region: str) -> bool:
        """Whether the key can be used in a Region: all that was ever current must be there."""
        copy = self.copies.get(region)
        return copy is not None and not copy.disabled and self._complete(copy)

    def current(self) -> str:
        """What it encrypts with."""
        return self.past[-1]

    def switch(self, region: str, *, disabled: bool) -> bool:
        """Disable or enable it; whether that works."""
        copy = self.copies.get(region)
        if copy is None or not self._complete(copy):
            return False
        copy.disabled = disabled
        if self.overdue and self.usable(self.primary):
            self._add_own()
            self.overdue, self.due = False, self.today + (self.period or 0)
        return True

    def schedule(self, region: str, period: int) -> bool:
        """Have it rotated by itself; whether that works."""
        if self.imported or region != self.primary or not self.usable(region):
            return False
        self.period, self.due, self.overdue = period, self.today + period, False
        return True

    def rotate(self, region: str) -> bool:
        """Rotate it on demand; whether that works."""
        if region != self.primary or not self.usable(region):
            return False
        if not self.imported:
            self._add_own()
            return True
        waiting = self.waiting
        if waiting is None or not all(waiting in copy.there for copy in self.copies.values()):
            return False
        self.past.append(waiting)
        self.waiting = None
        return True

    def bring(self, region: str, material: str, *, new: bool, until: float) -> bool:
        """Import material; whether that works."""
        known = [*self.past, self.waiting]
        if not self.imported or region not in self.copies or (material in known) == new:
            return False
        if new:
            if region != self.primary or self.waiting is not None:
                return False
            if self.past:
                self.waiting = material
            else:
                self.past.append(material)
        self.copies[region].there[material] = until
        return True

    def erase(self, region: str, material: str) -> bool:
        """Delete imported material; whether there is such."""
        if not self.imported or region not in self.copies or material not in [*self.past, self.waiting]:
            return False
        copies = [self.copies[region]]
        if material == self.waiting and region == self.primary:
            self.waiting = None
            copies = list(self.copies.values())
        for copy in copies:
            if copy.there.pop(material, None) is not None and material in self.past:
                copy.disabled = False  # it waits for the import instead, and is enabled by it
        return True

    def replicate(self, region: str) -> bool:
        """Copy it to another Region; whether that works."""
        if not self.usable(self.primary) or region in self.copies:
            return False
        there = {} if self.imported else dict.fromkeys(self.past, inf)
        self.copies[region] = Copy(there=there)
        return True

    def move(self, region: str) -> bool:
        """Make another Region the primary one; whether that works."""
        if region == self.primary or not self.usable(self.primary) or not self.usable(region):
            return False
        self.primary = region
        return True

    def pass_days(self, days: int) -> None:
        """Let time pass, at the end of which somebody looks what is due."""
        self.today += days
        for region, copy in self.copies.items():
            for material in [one for one, until in copy.there.items() if until <= self.today]:
                self.erase(region, material)
        if self.period is None or self.overdue or self.due > self.today:
            return
        if not self.usable(self.primary):
            self.overdue = True
            return
        self._add_own()
        while self.due <= self.today:
            self.due += self.period

    def _complete(self, copy: Copy) -> bool:
        return bool(self.past) and all(material in copy.there for material in self.past)

    def _add_own(self) -> None:
        self.past.append(f"own {len(self.past)}")
        for copy in self.copies.values():
            copy.there[self.past[-1]] = inf
