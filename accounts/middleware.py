"""What every answer to somebody who is signed in has in common."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


def keep_out_of_caches(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Nothing that a signed-in person sees stays in a browser's or a proxy's cache: computers are shared.

    The back button after signing out asks the server again. Goes after Django's AuthenticationMiddleware.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated:
            response.headers["Cache-Control"] = "no-store, private"
        return response

    return middleware
