"""What people are told about their own account: fixed words and a link. One alone is a secret: PASSWORD_LINK."""

from accounts import sign_on
from accounts.models import Absence, PostProposal, User
from accounts.one_time_links import one_time_link
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


def _may_choose_password(user_id: int, about_id: int) -> bool:
    """Not who comes by the employer's sign-on, with a password or without: whoever reads their mailbox alone would make
    one, and then a second step of their own, and never meet the sign-on (ADR 18)."""
    person = User.objects.filter(pk=user_id, is_active=True).first()
    return person is not None and not sign_on.opens(person)


PASSWORD_LINK = register(
    MessageKind(
        "accounts.password_link",
        "Choose a new password",
        "You, or somebody else, asked for a new password for your safeguarding account. To choose one, open the link. "
        "If it was not you, do nothing: your password stays as it is.",
        _may_choose_password,
        link=lambda user_id: one_time_link(User.objects.get(pk=user_id)),
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


PASSWORD_SET = register(
    MessageKind(
        "accounts.password_set",
        "Your account has a new password",
        "The password of your safeguarding account was changed. If it was not you, open the link to choose another "
        "one, and tell the duty line now.",
        _is_active,
    )
)
SECOND_FACTOR_ADDED = register(
    MessageKind(
        "accounts.second_factor_added",
        "A second step of signing in was added",
        "An authenticator app or a security key was added to your safeguarding account. Open the link to see which. If "
        "it was not you, choose a new password, and tell the duty line now.",
        _is_active,
    )
)
SECOND_FACTOR_REMOVED = register(
    MessageKind(
        "accounts.second_factor_removed",
        "A second step of signing in was removed",
        "An authenticator app or a security key was removed from your safeguarding account. Open the link to see what "
        "is left. If it was not you, choose a new password, and tell the duty line now.",
        _is_active,
    )
)
RECOVERY_CODES_MADE = register(
    MessageKind(
        "accounts.recovery_codes_made",
        "New recovery codes",
        "New recovery codes were made for your safeguarding account. The old ones no longer work. If it was not you, "
        "choose a new password, and tell the duty line now.",
        _is_active,
    )
)
SIGN_ON_CONNECTED = register(
    MessageKind(
        "accounts.sign_on_connected",
        "Your account can now be opened by your employer’s sign-on",
        "Somebody signed in to your safeguarding account with your employer’s sign-on for the first time. From now on "
        "it opens your account. If it was not you, tell the duty line now.",
        _is_active,
    )
)
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
