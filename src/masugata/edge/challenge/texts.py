"""What the pages say, in Japanese and English."""

from typing import Final, Literal

Language = Literal["en", "ja"]

TEXTS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "checking": "Checking your browser",
        "wait": "This takes a moment, and then the page appears by itself.",
        "script": "This page needs JavaScript to check your browser. Please allow it, and load again.",
        "cookies": "Your browser keeps no cookies for this site. Please allow them, and load the page again.",
        "failed": "The check did not succeed. Please load the page again.",
        "reload": "Load again",
        "human": "Are you human?",
        "ask": "Please type the six characters in the picture. Capitals or not makes no difference.",
        "picture": "Six distorted characters. Below is a sound that can be answered instead.",
        "sound": "Or listen: six groups of beeps. Type how many beeps each group has, as six digits.",
        "answer": "Answer",
        "send": "Continue",
        "wrong": "That was not right, or came too late. Here is another one.",
        "often": "Too many attempts from your network. Please wait a few minutes.",
        "gone": "There is nothing here.",
    },
    "ja": {
        "checking": "ブラウザーを確認しています",
        "wait": "少しお待ちください。確認が終わると、ページが自動的に表示されます。",
        "script": "確認には JavaScript が必要です。有効にして、ページを再読み込みしてください。",
        "cookies": "このサイトの Cookie が保存されません。許可して、ページを再読み込みしてください。",
        "failed": "確認できませんでした。ページを再読み込みしてください。",
        "reload": "再読み込み",
        "human": "人間による操作であることの確認",
        "ask": "画像にある 6 文字を入力してください。大文字と小文字は区別しません。",
        "picture": "ゆがんだ 6 文字の画像。代わりに、下の音声に答えることもできます。",
        "sound": "音声でも答えられます。6 回に分けて鳴る短い音の数を、6 桁の数字で入力してください。",
        "answer": "答え",
        "send": "続ける",
        "wrong": "答えが違うか、時間切れです。もう一度お試しください。",
        "often": "お使いのネットワークからの試行が多すぎます。数分後にお試しください。",
        "gone": "ここには何もありません。",
    },
}


def language(accepted: bytes) -> Language:
    """The first of ours in an Accept-Language header; English without one."""
    for entry in accepted[:1024].lower().split(b","):
        name = entry.partition(b";")[0].strip(b" \t")
        if name == b"ja" or name.startswith(b"ja-"):
            return "ja"
        if name == b"en" or name.startswith(b"en-"):
            return "en"
    return "en"
