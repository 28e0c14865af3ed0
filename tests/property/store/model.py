"""The slow, obvious store: one dict, searched from end to end for every question."""

from unit.store.things import THING, Thing


class Model:
    """Things by (account, region, key)."""

    def __init__(self, things=None):
        self.things: dict[tuple[str, str, str], Thing] = dict(things or {})

    def scan(self, account, region):
        """The things of one account and Region by key."""
        return [
            thing
            for (a, r, _), thing in sorted(self.things.items(), key=lambda item: item[0][2])
            if (a, r) == (account, region)
        ]

    def by_name(self, label, value):
        """The one that has a name, and where."""
        for (account, region, _), thing in self.things.items():
            if (label, value) in THING.names(thing):
                return account, region, thing
        return None

    def referring(self, account, region, owner):
        """Those of one account and Region that belong to an owner."""
        return [thing for thing in self.scan(account, region) if owner in thing.owners]

    def put(self, account, region, thing):
        """Whether it could be put."""
        place = (account, region, THING.key(thing))
        for name in THING.names(thing):
            found = self.by_name(*name)
            if found is not None and (found[0], found[1], THING.key(found[2])) != place:
                return False
        self.things[place] = thing
        return True

    def delete(self, account, region, key):
        """Whether it was there."""
        return self.things.pop((account, region, key), None) is not None
