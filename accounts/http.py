"""The request of somebody who is signed in. `LoginRequiredMiddleware` lets nobody else through to such a view."""

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    user: User
