"""Django behind a web ACL: `gunicorn with_django:wsgi`, or `uvicorn --no-proxy-headers with_django:asgi`."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

from masugata.edge import asgi as waf_asgi
from masugata.edge import wsgi as waf_wsgi
from masugata.edge.inspectors import inspector_from_file

# A project has these in settings.py.
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"])


def search(request: HttpRequest) -> JsonResponse:
    """Say what was looked for, and what the web ACL says of it."""
    return JsonResponse({"q": request.GET["q"], "marked": request.headers.get("X-Amzn-Waf-Search")})


def notes(request: HttpRequest) -> JsonResponse:
    """Take a body of any length as it comes."""
    digest = hashlib.sha256()
    while piece := request.read(65_536):
        digest.update(piece)
    return JsonResponse({"sha256": digest.hexdigest()})


urlpatterns = [path("search", search), path("notes", notes)]

inspector = inspector_from_file(Path(__file__).with_name("web-acl.json"))
wsgi = waf_wsgi.WafMiddleware(get_wsgi_application(), inspector=inspector)
asgi = waf_asgi.WafMiddleware(get_asgi_application(), inspector=inspector)
