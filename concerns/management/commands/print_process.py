"""Print docs/process.md from the table of transitions, so that the picture can't differ from what the code does."""

from typing import Any

from django.core.management.base import BaseCommand

from concerns.vocabulary import State
from concerns.workflow import TRANSITIONS, as_mermaid

_HEAD = """# The route of a concern

Drawn from `concerns/workflow.py` by `manage.py print_process`; `make check` fails when this page differs from the code.
Appendix 1 of the policy came without its picture, so this route is a reconstruction from the policy's text
(000 §2.0, §7.0, §8.0; 004 A5, A6, A9, F1-F3).

Raising a concern (t1, t2) starts the route. A direct referral by anyone (t5) moves nothing: it opens a referral line of
its own, and acknowledgement, triage and their clocks go on.
"""


class Command(BaseCommand):
    help = "Print the route of a concern as the page docs/process.md."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(_HEAD)
        self.stdout.write(f"```mermaid\n{as_mermaid()}```\n")
        self.stdout.write("| # | What | From | To | Who | Must be true first |\n|---|---|---|---|---|---|")
        for line in TRANSITIONS:
            sources = ", ".join(sorted(State(state).name.lower() for state in line.sources))
            target = "where closing was proposed" if line.goes_back else (line.target or "stays")
            who = ", ".join(sorted(line.who))
            guards = "; ".join(guard.__name__.replace("_", " ") for guard in line.guards) or "nothing more"
            what = line.action.replace("_", " ")
            self.stdout.write(f"| {line.number} | {what} | {sources} | {target} | {who} | {guards} |")
