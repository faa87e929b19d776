"""Finding a concern. What is looked for is a name as often as not, so it is posted and never stands in an address."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from concerns import selectors, services
from concerns.forms.search import SearchForm
from concerns.references import as_concern_reference
from concerns.views._case import note_refused_reading
from safeguarding.kit.clock import now


@require_http_methods(["GET", "HEAD", "POST"])
def search(request: SignedInRequest) -> HttpResponse:
    """Concerns that the reader may see, by reference, name, address or tenancy. A whole reference opens it."""
    at = now()
    form = SearchForm(request.POST if request.method == "POST" else None)
    result = None
    if form.is_bound and form.is_valid():
        words = form.cleaned_data["words"]
        exact = selectors.find_by_reference(words, request.user)
        if exact is not None:
            services.record_search(found=[exact], by=request.user, at=at)
            return redirect(exact)
        if ref := as_concern_reference(words):
            note_refused_reading(ref, request.user)
        result = selectors.search(words, request.user, at=at)
        services.record_search(found=[row.concern for row in result.rows], by=request.user, at=at)
    return render(request, "concerns/search.html", {"form": form, "result": result})
