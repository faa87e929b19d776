"""What people are told about their own account: fixed words and a link, never a secret."""

from accounts.models import PostProposal, User
from accounts.permissions import can_give_second_view
from safeguarding.kit.outbox import MessageKind, register


def _has_no_password_yet(user_id: int, about_id: int) -> bool:
    person = User.objects.filter(pk=user_id, is_active=True).first()
    return person is not None and not person.has_usable_password()


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
SECOND_FACTOR_RESET = register(
    MessageKind(
        "accounts.second_factor_reset",
        "Your second step of signing in was taken away",
        "An administrator took away the second step of signing in to your account, because you could not use it any "
        "more. Sign in and set up a new one. If you did not ask for this, tell the duty line now.",
        _is_active,
    )
)
