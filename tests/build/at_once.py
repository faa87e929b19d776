"""Several people at the same moment, each on a connection of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connection

from safeguarding.kit.errors import Refusal


def at_once(*acts: Callable[[], object]) -> list[Refusal | None]:
    """Run `acts` at the same moment; what each of them was refused with."""
    start = threading.Barrier(len(acts))
    refused: list[Refusal | None] = [None] * len(acts)

    def run(number: int) -> None:
        start.wait()
        try:
            acts[number]()
        except Refusal as refusal:
            refused[number] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return refused
