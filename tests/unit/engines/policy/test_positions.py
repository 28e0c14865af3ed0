"""Where statements stand in a policy's text."""

import pytest

from masugata.engines.policy.positions import statement_spans

ADMINISTRATOR = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "*",
      "Resource": "*"
    }
  ]
}"""
ONE = '{"Effect": "Allow", "Action": "a:B", "Resource": "*"}'


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        # As AWS's simulator says of AdministratorAccess, and of a policy in one line.
        (
            ADMINISTRATOR,
            [((3, 17), (4, 5), (8, 6))],
        ),
        (
            f'{{"Version": "2012-10-17", "Statement": [{ONE}, {ONE}]}}',
            [((1, 41), (1, 41), (1, 94)), ((1, 95), (1, 96), (1, 149))],
        ),
        (f'{{"Statement": {ONE}, "Id": "x"}}', [((1, 14), (1, 15), (1, 68))]),
        (f'{{"Id": "\\"Statement\\": [{{",\r\n"Statement"\n:[{ONE}]}}', [((3, 3), (3, 3), (3, 56))]),
        ('{"Statement": [ ]}', []),
    ],
    ids=["as AWS", "in one line", "no list", "looks like a statement", "none"],
)
def test_spans(text, spans):
    """Lines and columns count from 1; the end is the first place behind the statement."""
    assert [tuple(map(tuple, span)) for span in statement_spans(text)] == spans
