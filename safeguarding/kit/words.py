"""What people write piece by piece."""


def with_more(said: str, more: str) -> str:
    """`said` with `more` under it; `said` itself where it has just these words already, or where there are none."""
    words = more.strip()
    if not words or f"\n\n{words}\n\n" in f"\n\n{said.strip()}\n\n":
        return said
    return f"{said}\n\n{words}" if said.strip() else words
