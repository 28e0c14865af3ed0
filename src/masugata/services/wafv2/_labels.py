"""What labels begin with."""


def label_namespace(account: str, path: str, name: str) -> str:
    """The namespace of the labels of a web ACL or rule group, with the colon at its end.

    Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-label-requirements.html
    """
    return f"awswaf:{account}:{path}:{name}:"
