"""What ends every open session of a person at once: a change of their rights, their second step or their account."""

from accounts.models import User


def end_sessions(locked: User) -> None:
    """Every session of the person is over; `locked` is their row, locked by the caller's transaction."""
    locked.session_generation += 1
    locked.save(update_fields=["session_generation"])
