"""The demo's mailbox: whoever tries the demo out reads everybody's mail here."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from safeguarding.demo.mailbox import newest_mails


@login_not_required
@never_cache
@require_safe
def list_mails(request: HttpRequest) -> HttpResponse:
    """Newest first; open without signing in, because a forgotten password is reset by mail."""
    return render(request, "demo/mail_list.html", {"mails": newest_mails()})
