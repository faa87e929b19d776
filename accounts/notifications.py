"""What people are told about their own account: fixed words and a link, never a secret."""

from accounts import sign_on
from accounts.models import Absence, PostProposal, User
from accounts.permissions import can_give_second_view
from accounts.selectors import LEADS, holders_of
from safeguarding.kit.outbox import MessageKind, register


def _has_no_password_yet(user_id: int, about_id: int) -> bool:
    person = User.objects.filter(pk=user_id, is_active=True).first()
    return person is not None and not person.has_usable_password() and not sign_on.opens(person)


INVITED = register(
    MessageKind(
        "accounts.invited",
        "Your account for safeguarding concerns",
        "You can now report a safeguarding concern online, and see what has become of it. Open the link and enter this "
        "e-mail address. We then send you a link with which you choose your password.",
        _has_no_password_yet,
    )
)


def _may_give_second_view(user_id: int, about_id: int) -> bool:
    person = User.objects.filter(pk=user_id, is_active=True).first()
    return person is not None and can_give_second_view(person)


def _waits_for(user_id: int, about_id: int) -> bool:
    waits = PostProposal.objects.filter(pk=about_id, is_agreed=None, person__is_active=True)
    return _may_give_second_view(user_id, about_id) and waits.exclude(person_id=user_id).exists()


def _is_active(user_id: int, about_id: int) -> bool:
    return User.objects.filter(pk=user_id, is_active=True).exists()


POST_WAITS = register(
    MessageKind(
        "accounts.post_waits",
        "A role waits for your view",
        "An administrator proposed that a colleague be given a role or appointment. It takes a second person. Open the "
        "link, read why, and agree or refuse.",
        _waits_for,
    )
)
ROLE_GIVEN = register(
    MessageKind(
        "accounts.role_given",
        "A colleague has a new role",
        "An administrator gave a colleague a new role. No second person had to agree. Open the link to see who it is. "
        "If this is not right, tell an administrator.",
        _may_give_second_view,
    )
)
POST_ENDED = register(
    MessageKind(
        "accounts.post_ended",
        "A colleague’s role has ended",
        "A role that opens concerns or records was ended. Open the link to see whose. If this is not right, tell an "
        "administrator.",
        _may_give_second_view,
    )
)
SECOND_STEP_CLOSED = register(
    MessageKind(
        "accounts.second_step_closed",
        "Wrong codes were typed after your password",
        "Somebody used your password, then typed wrong codes several times. If it was you, wait five minutes and try "
        "again. If it was not you, somebody knows your password: choose a new one, and tell the duty line now.",
        _is_active,
    )
)
RECOVERY_CODES_SEEN = register(
    MessageKind(
        "accounts.recovery_codes_seen",
        "Your recovery codes were looked at",
        "Somebody who was signed in as you looked at your recovery codes, or downloaded them. If it was not you, make "
        "new codes, choose a new password, and tell the duty line now.",
        _is_active,
    )
)


def _is_lead(user_id: int, about_id: int) -> bool:
    return holders_of(*LEADS).filter(pk=user_id).exists()


MANAGER_CHANGED = register(
    MessageKind(
        "accounts.manager_changed",
        "Your line manager was changed",
        "Somebody changed who your line manager is on the safeguarding website. Your line manager is asked first when "
        "you report a concern. Open the link to see who it is now. If that is wrong, tell a safeguarding lead.",
        _is_active,
    )
)
MANAGER_OF_SOMEBODY_CHANGED = register(
    MessageKind(
        "accounts.colleagues_manager_changed",
        "A colleague’s line manager was changed",
        "An administrator changed who is a colleague’s line manager, and with that who is asked first when they report "
        "a concern. Open the link to see whose, who changed it and to whom. If it is wrong, have it put right.",
        _is_lead,
    )
)


def _is_still_away(user_id: int, absence_id: int) -> bool:
    return Absence.objects.filter(pk=absence_id, user=user_id, cancelled_at=None).exists()


LEAVE_RECORDED = register(
    MessageKind(
        "accounts.leave_recorded",
        "Somebody recorded that you are away",
        "Somebody recorded leave for you on the safeguarding website. While you are away, concerns that you hold go to "
        "others, and you get no new ones. Open the link to see the days and who recorded them. If they are wrong, you "
        "can end the leave there.",
        _is_still_away,
    )
)
SECOND_FACTOR_RESET = register(
    MessageKind(
        "accounts.second_factor_reset",
        "Your second step of signing in was taken away",
        "An administrator took away the second step of signing in to your account, because you could not use it any "
        "more. Sign in and set up a new one. If you did not ask for this, tell the duty line now.",
        _is_active,
    )
)
