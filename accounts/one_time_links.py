"""The link with which somebody sets their password. Made when it is handed over or delivered, and kept nowhere."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from accounts.models import User


def one_time_link(person: User) -> str:
    """Where `person` sets their password. Good once, until PASSWORD_RESET_TIMEOUT, and for nobody else's eyes."""
    key = {"uidb36": user_pk_to_url_str(person), "key": default_token_generator.make_token(person)}
    return f"{settings.SITE_URL.rstrip('/')}{reverse('account_reset_password_from_key', kwargs=key)}"
