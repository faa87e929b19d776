"""The few ways in which a service says no. Each carries one sentence that can be shown to a person as it stands.

None of them may carry personal data: the text can reach a log.
"""

from collections.abc import Callable, Mapping
from typing import ParamSpec

Asked = ParamSpec("Asked")


class Refusal(Exception):
    """A service did not do what was asked; nothing was changed. `sentence` says why, in words for a person.

    `code` is the kind of refusal, for the ledger.
    """

    code = "refused"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotAllowed(Refusal):
    """This person may not do it (permissions)."""

    code = "not_allowed"


class NotNow(Refusal):
    """It may not happen in the state that the thing is in (workflow)."""

    code = "not_now"


class ChangedMeanwhile(Refusal):
    """Somebody else changed the thing after this person had read it; `sentence` says what changed."""

    code = "changed_meanwhile"


class Unsound(Refusal):
    """What was given does not hold together (rules). `problems` maps a field's name ("" for the whole) to sentences."""

    code = "unsound"

    def __init__(self, sentence: str, problems: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(sentence)
        self.problems: dict[str, list[str]] = {k: list(v) for k, v in (problems or {}).items()}


def allows(check: Callable[Asked, None], *args: Asked.args, **more: Asked.kwargs) -> bool:
    """Whether `check` lets it pass, which raises NotAllowed where it does not: for showing a button, or choosing whom
    to ask; never for letting an act happen.
    """
    try:
        check(*args, **more)
    except NotAllowed:
        return False
    return True


def why_not(check: Callable[Asked, None], *args: Asked.args, **more: Asked.kwargs) -> str:
    """The sentence with which `check` refuses, "" where it lets it pass: to say it on a page before anybody acts."""
    try:
        check(*args, **more)
    except Refusal as refusal:
        return refusal.sentence
    return ""
