"""Organizations, their policies, and changes of them, from a small world in which they often meet."""

from dataclasses import dataclass

from hypothesis import strategies as st

from model.organization_model import FULL_ACCESS, Tree

MANAGEMENT, ELSEWHERE, OUTSIDE = "111122223333", "222233334444", "999900001111"
MEMBERS = {MANAGEMENT: ("444455556666", "777788889999"), ELSEWHERE: ("555566667777",)}
ACCOUNTS = (MANAGEMENT, *MEMBERS[MANAGEMENT], ELSEWHERE, *MEMBERS[ELSEWHERE], OUTSIDE)
ORGANIZATIONS = {MANAGEMENT: ("o-1111111111", "r-1111"), ELSEWHERE: ("o-2222222222", "r-2222")}
DEEPEST = 5  # levels of units

_IDS = st.sampled_from(("o-1111111111", "o-2222222222"))
_PATHS = st.sampled_from(
    ("o-1111111111/*", "*/ou-1111-00000001/*", "o-1111111111/r-1111/", "o-2222222222/r-2222/*", "*/ou-*")
)
_ARNS = st.sampled_from(
    ("arn:aws:iam::*:root", "arn:aws:iam::*:role/team/*", f"arn:aws:iam::{MEMBERS[MANAGEMENT][0]}:user/bob")
)


def _condition(operators, key, values):
    return st.builds(lambda operator, value: {operator: {key: value}}, st.sampled_from(operators), values)


_EQUAL = ("StringEquals", "StringNotEquals", "StringNotEqualsIfExists")
_LIKE = ("ForAnyValue:StringLike", "ForAllValues:StringLike", "ForAnyValue:StringNotLike")
_ACCOUNT_IDS = st.sampled_from((*ACCOUNTS[:3], "${aws:PrincipalAccount}"))
CONDITIONS = st.one_of(
    _condition(_EQUAL, "aws:PrincipalOrgID", _IDS),
    _condition(_EQUAL, "aws:ResourceOrgID", st.one_of(_IDS, st.just("${aws:PrincipalOrgID}"))),
    _condition(_LIKE, "aws:PrincipalOrgPaths", _PATHS),
    _condition(_LIKE, "aws:ResourceOrgPaths", _PATHS),
    _condition(("ArnLike", "ArnNotLike"), "aws:PrincipalArn", _ARNS),
    _condition(_EQUAL, "aws:PrincipalAccount", _ACCOUNT_IDS),
    _condition(_EQUAL, "aws:ResourceAccount", _ACCOUNT_IDS),
    _condition(_EQUAL, "aws:RequestedRegion", st.sampled_from(("us-east-1", "eu-west-1"))),
    _condition(_EQUAL, "aws:PrincipalTag/team", st.just("red")),
    _condition(("Bool", "BoolIfExists"), "aws:PrincipalIsAWSService", st.sampled_from(("true", "false"))),
    _condition(("Null",), "aws:PrincipalOrgID", st.sampled_from(("true", "false"))),
)
_ACTIONS = st.one_of(
    st.sampled_from(({"Action": "*"}, {"Action": ["s3:*", "kms:*"]}, {"Action": "sts:AssumeRole"})),
    st.sampled_from(({"Action": "s3:*Obj*"}, {"Action": "iam:*"}, {"Action": ["*", "s3:GetObject"]})),
    st.sampled_from(({"NotAction": "s3:*"}, {"NotAction": ["iam:*", "sts:*"]})),
)
_RESOURCES = st.sampled_from(
    (
        *({"Resource": "*"}, {"Resource": "*"}, {"Resource": "*"}, {"Resource": "arn:aws:s3:::shop/*"}),
        *({"NotResource": "arn:aws:s3:::shop/*"}, {"NotResource": "arn:aws:iam::*:role/team/*"}),
    )
)
_NOBODY = st.sampled_from(({"Principal": {"AWS": OUTSIDE}}, {"Principal": {"AWS": MANAGEMENT}}))


@st.composite
def _documents(draw, kind):
    """A policy of one statement or two."""

    def statement():
        found = {"Effect": draw(st.sampled_from(("Allow", "Deny")))} | draw(_ACTIONS) | draw(_RESOURCES)
        if draw(st.booleans()):
            found["Condition"] = draw(CONDITIONS)
        if kind == "rcp":
            found |= draw(_NOBODY) if draw(st.integers(0, 5)) == 0 else {"Principal": "*"}
        return found

    statements = [statement() for _ in range(draw(st.integers(1, 2)))]
    return {"Version": "2012-10-17", "Statement": statements}


def attachments(kind):
    """The documents on one place: mostly with full access among them, so that each level matters alone."""
    several = st.lists(_documents(kind), min_size=1, max_size=2)
    return st.one_of(
        several.map(lambda found: [FULL_ACCESS[kind], *found]),
        several.map(lambda found: [FULL_ACCESS[kind], *found]),
        several,
    )


def _unit(root, number):
    return f"ou-{root[2:]}-{number:08}"


@st.composite
def trees(draw, management):
    """One organization, of any shape."""
    id_, root = ORGANIZATIONS[management]
    tree = Tree(id_, root, management, {}, all_features=draw(st.integers(0, 9)) > 0)
    for number in range(1, draw(st.integers(0, DEEPEST)) + 1):
        above = [p for p in (root, *tree.parents) if len(tree.way(p)) <= DEEPEST]
        # As often as not straight down, for deep trees are rare otherwise.
        tree.parents[_unit(root, number)] = above[-1] if draw(st.booleans()) else draw(st.sampled_from(above))
    places = [root, *tree.parents]
    for account in (management, *MEMBERS[management]):
        if account == management or draw(st.integers(0, 5)) > 0:
            tree.parents[account] = places[-1] if draw(st.booleans()) else draw(st.sampled_from(places))
    tree.enabled = draw(st.sampled_from(({"scp", "rcp"}, {"scp", "rcp"}, {"scp"}, {"rcp"}, set())))
    for place in (root, *tree.parents):
        for kind in ("scp", "rcp"):
            if draw(st.booleans()):
                tree.attached[place, kind] = draw(attachments(kind))
    return tree


@dataclass
class Change:
    """What happens to an organization between two requests."""

    what: str
    place: str = ""
    to: object = None


@st.composite
def changes(draw, tree):
    """A change that is possible in this tree."""
    accounts = [p for p in tree.parents if p.isdigit()]
    members = [a for a in accounts if a != tree.management]
    units = [p for p in tree.parents if p.startswith("ou-")]
    what = draw(st.sampled_from(("attach", "edit", "move", "move unit", "move unit", "enable", "leave")))
    if what == "move":
        return Change(what, draw(st.sampled_from(accounts)), draw(st.sampled_from([tree.root, *units])))
    if what == "leave" and members:
        return Change(what, draw(st.sampled_from(members)))
    if what == "move unit" and units:
        unit = draw(st.sampled_from(units))
        outside = [u for u in units if unit not in tree.way(u)]
        return Change(what, unit, draw(st.sampled_from([tree.root, *outside])))
    if what == "edit" and tree.attached:
        place, kind = draw(st.sampled_from(sorted(tree.attached)))
        return Change(what, place, (kind, draw(_documents(kind))))
    if what == "enable":
        return Change(what, to=draw(st.sampled_from(({"scp"}, {"rcp"}, {"scp", "rcp"}, set()))))
    kind = draw(st.sampled_from(("scp", "rcp")))
    places = [tree.root, *tree.parents, *units]
    return Change("attach", draw(st.sampled_from(places)), (kind, draw(attachments(kind))))
