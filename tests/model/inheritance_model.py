"""A slow and obvious reading of how declarative policies add up, to compare the engine with.

It shares no code with the engine. Every policy is flattened to a table from paths to operators, and every
path is followed alone through the levels. Only `exact` paths (by the names of the keys above them) keep the
case of their keys.
"""

VALUE_OPERATORS = {"@@assign", "@@append", "@@remove"}
CONTROL = "@@operators_allowed_for_child_policies"


def never(_path):
    return False


def effective(levels, is_exact=never, empty_stays=never):
    """The effective policy as a tree of dicts, of levels of policies that are dicts."""
    tables = [[flat(policy, is_exact) for policy in level] for level in levels]
    paths = {path for level in tables for table in level for path in table}
    order = [path for level in tables for table in level for path in table]
    shown = {}
    for path in sorted(paths, key=order.index):
        value = follow(path, tables, bool(path) and empty_stays(path))
        if value is not None:
            place(shown, path, value)
    return shown


def flat(tree, is_exact, above=()):
    """A table from every path in a policy to the operators that are written there."""
    table = {above: {key: value for key, value in tree.items() if key.startswith("@@")}}
    for key, below in tree.items():
        if not key.startswith("@@"):
            name = key if is_exact(above) else key.lower()
            table |= flat(below, is_exact, (*above, name))
    return table


def permitted(path, tables, level):
    """What policies at this level may do at a path, by all policies above them that exist there."""
    allowed = set(VALUE_OPERATORS)
    for above in range(level):
        for table in tables[above]:
            if path in table and exists(path, tables, above):
                listed = table[path].get(CONTROL, ["@@all"])
                if "@@all" not in listed:
                    allowed &= set(listed)
    return allowed


def exists(path, tables, level):
    """Whether a path is there once the policies of this level count."""
    if not path:
        return True
    if level < 0:
        return False
    if exists(path, tables, level - 1):
        return True
    written = any(path in table for table in tables[level])
    parent = path[:-1]
    if not written or not exists(parent, tables, level):
        return False
    # A key that is new below one that was there before needs leave from above.
    was_there = exists(parent, tables, level - 1)
    return not was_there or bool(permitted(parent, tables, level) & {"@@assign", "@@append"})


def follow(path, tables, empty_stays):
    """The value that a path ends with, or None."""
    value = None
    for level, policies in enumerate(tables):
        if not exists(path, tables, level):
            continue
        allowed = permitted(path, tables, level)
        written = {operator: [] for operator in VALUE_OPERATORS}
        for table in policies:
            for operator in VALUE_OPERATORS & set(table.get(path, {})) & allowed:
                written[operator].append(table[path][operator])
        value = apply(value, written, empty_stays)
    return value


def apply(value, written, empty_stays):
    """The value after one level."""
    if written["@@assign"]:
        value = written["@@assign"][0]
        if isinstance(value, list):
            value = list(dict.fromkeys(value))
        written = written | {"@@remove": []}
    if not written["@@append"] and (value is None or not written["@@remove"]):
        return value
    before = [] if value is None else value if isinstance(value, list) else [value]
    gone = [item for listed in written["@@remove"] for item in as_list(listed)]
    after = [item for item in before if item not in gone]
    for listed in written["@@append"]:
        for item in as_list(listed):
            if item not in after:
                after.append(item)
    return None if not after and before and not empty_stays else after


def as_list(value):
    return value if isinstance(value, list) else [value]


def place(tree, path, value):
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
    tree[path[-1]] = value
