"""What a script of a public page asks for, and what it sends."""

from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.http import require_safe


@require_safe
def token(request):
    """The token that a first mark has to come with, and in a cookie what it is compared with."""
    return JsonResponse({"token": get_token(request)})
