"""The names with which the words about one of the demo's concerns are filled."""

from concerns.vocabulary import PersonRole
from safeguarding.demo.plan import Life


def fill_of(life: Life) -> dict[str, str]:
    """The names that the words of this concern are filled with."""
    first = life.intake.people[0]
    other = next((person for person in life.intake.people if person.role != PersonRole.AT_RISK), None)
    return {
        "P": first.name,
        "p": life.report.first_name,
        "rel": (other.description[:1].lower() + other.description[1:]) if other else "the colleague",
    }
