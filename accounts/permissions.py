"""Who may change what about people (domain.md 5).

`by` is None for the set-up commands, run by whoever holds the server.
"""

from accounts.models import Absence, PostProposal, ServiceArea, User
from accounts.selectors import LEADS, OPENS_NOTHING, Standing, may_be_on_duty, standing
from accounts.vocabulary import CHAMPION, Post, Role
from safeguarding.kit.errors import NotAllowed, NotNow, allows

# Who may be the second of the two that a role takes: whoever answers for the cases that it opens, or for the records.
SECOND_VIEW = (*LEADS, Role.OPERATIONAL_LEAD, Role.IG_LEAD)

# What opens cases or records, or puts its holder on the ladder.
READING_POSTS = frozenset({*Role.values, CHAMPION}) - OPENS_NOTHING


def check_can_manage_people(by: User | None) -> None:
    """Add, change and deactivate people, and keep the service areas: administrators."""
    if by is not None and not standing(by).is_administrator:
        raise NotAllowed("Only an administrator can add or change people.")


def can_manage_people(by: User) -> bool:
    return standing(by).is_administrator


def check_can_read_people(by: User) -> None:
    """The list of people and what each is appointed to: administrators, and who appoints or gives the second view."""
    if not can_read_people(by):
        raise NotAllowed("Only an administrator, a lead or the information governance lead can see this.")


def can_read_people(by: User) -> bool:
    return standing(by).is_administrator or can_give_second_view(by)


def check_can_give_role(by: User | None, person: User, role: str) -> None:
    """A role that takes one person only: administrators, never to oneself. The others are proposed (domain.md 5)."""
    check_can_end_role(by, person)
    check_posts_agree(standing(person), role)
    if by is not None and role in Post.values:
        raise NotAllowed("This role takes two people. Propose it, and a lead agrees or refuses.")


def check_can_end_role(by: User | None, person: User) -> None:
    """Roles are ended by administrators, never one's own. One is enough: taking a right away must never wait."""
    if by is None:
        return
    if not standing(by).is_administrator:
        raise NotAllowed("Only an administrator can give or end roles.")
    if by == person:
        raise NotAllowed("You cannot change your own roles. Ask another administrator.")


def check_can_propose_post(by: User, person: User) -> None:
    """A role or appointment that opens cases: proposed by an administrator, never for oneself."""
    check_can_end_role(by, person)


def check_posts_agree(who: Standing, post: str) -> None:
    """Whoever never reads a case holds nothing that is there for reading cases, and the other way round (domain.md 5).

    Asked of everybody, the set-up commands too: the role would open nothing, and nobody would see that it does not.
    """
    if post in READING_POSTS and who.is_administrator:
        raise NotAllowed("Administrators never read a case. End that role first.")
    if post in READING_POSTS and who.is_contractor:
        raise NotAllowed("People who work for a contractor never read a case, so they can’t have this role.")
    if post == Role.ADMINISTRATOR and holds_reading_post(who):
        raise NotAllowed("Administrators never read a case. End the roles that open cases first.")


def posts_agree(who: Standing, post: str) -> bool:
    return allows(check_posts_agree, who, post)


def holds_reading_post(who: Standing) -> bool:
    return who.is_champion or who.has(*READING_POSTS)


def check_can_view_post(by: User, proposal: PostProposal) -> None:
    """The second of the two (I6): a lead or the information governance lead, neither proposer nor the person."""
    if not can_give_second_view(by):
        raise NotAllowed("The second view comes from a lead or the information governance lead.")
    if by.pk == proposal.person_id:
        raise NotAllowed("You cannot give the second view on your own role. A colleague must.")
    if by.pk == proposal.proposed_by_id:
        raise NotAllowed("You proposed this yourself. A second person must give their view.")


def check_proposer_counts(proposal: PostProposal) -> None:
    """I6: of the two, whoever proposed it may still do so. Asked when the second agrees; to say no stays open, and then
    another administrator can propose it again.
    """
    if not allows(check_can_propose_post, proposal.proposed_by, proposal.person):
        raise NotNow(
            "Whoever proposed this is no administrator any more, so nobody can agree to it. Say no. Then another "
            "administrator can propose it again."
        )


def check_can_set_manager(by: User | None, *, person: User | None, manager: User | None) -> None:
    """Administrators say who manages whom, but nobody makes themselves somebody's line manager or changes their own:
    it decides who gets a concern first (R27), so it is never a thing to give to oneself (domain.md 5).
    """
    if by is None:
        return
    if manager is not None and by.pk == manager.pk:
        raise NotAllowed("You can’t make yourself somebody’s line manager. Ask another administrator.")
    if person is not None and by.pk == person.pk:
        raise NotAllowed("You can’t change your own line manager. Ask another administrator.")


def can_give_second_view(by: User) -> bool:
    return standing(by).has(*SECOND_VIEW)


def check_can_appoint_champion(by: User | None, person: User) -> None:
    """The champion list belongs to the leads (domain.md 5); an administrator proposes. Nobody appoints themselves."""
    check_posts_agree(standing(person), CHAMPION)
    if by is None:
        return
    if not can_appoint_champions(by):
        raise NotAllowed("Only a safeguarding lead or the operational lead can appoint champions.")
    if by == person:
        raise NotAllowed("You cannot appoint yourself. Ask a colleague who may.")


def can_appoint_champions(by: User) -> bool:
    who = standing(by)
    return who.is_lead or who.is_operational_lead


def check_can_end_champion(by: User | None, person: User) -> None:
    """Leads, and administrators: taking a right away must never wait. Nobody ends their own."""
    if by is None:
        return
    if not (can_appoint_champions(by) or can_manage_people(by)):
        raise NotAllowed("Only a safeguarding lead, the operational lead or an administrator can change the champions.")
    if by == person:
        raise NotAllowed("You cannot end your own appointment. Ask a colleague who may.")


def check_can_confirm_champion(by: User, person: User) -> None:
    """One's own entry in the directory, or any as a lead."""
    who = standing(by)
    if by != person and not (who.is_lead or who.is_operational_lead):
        raise NotAllowed("You can confirm your own entry only.")


def check_can_record_absence(by: User | None, person: User) -> None:
    """One's own, or that of somebody one manages directly."""
    if by is not None and not can_record_absence(by, person):
        raise NotAllowed("You can record leave for yourself and for people you manage.")


def can_record_absence(by: User, person: User) -> bool:
    return by == person or person.line_manager_id == by.pk


def check_can_cancel_absence(by: User | None, absence: Absence) -> None:
    check_can_record_absence(by, absence.user)


def check_can_keep_rota(by: User | None, person: User, area: ServiceArea) -> None:
    """Champions keep their own shifts, leads anybody's. On duty can be a champion of the area or a lead."""
    if by is not None and by != person and not can_keep_rota_of_others(by):
        raise NotAllowed("You can keep your own duty only. A lead can keep the rota for everybody.")
    if not may_be_on_duty(person, area):
        raise NotAllowed("Only a champion of the service area or a lead can be on duty for it.")


def check_can_cancel_shift(by: User | None, person: User) -> None:
    if by is not None and by != person and not can_keep_rota_of_others(by):
        raise NotAllowed("You can change your own duty only. A lead can keep the rota for everybody.")


def can_keep_rota_of_others(by: User) -> bool:
    who = standing(by)
    return who.is_lead or who.is_operational_lead


def can_keep_rota(by: User) -> bool:
    return standing(by).is_champion or can_keep_rota_of_others(by)
