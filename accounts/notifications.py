"""What people are told about their own account: fixed words and a link, never a secret."""

from accounts.models import User
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
