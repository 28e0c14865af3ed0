"""Flask behind a web ACL: `gunicorn with_flask:app`."""

import hashlib
from pathlib import Path

from flask import Flask, request

from masugata.edge.inspectors import inspector_from_file
from masugata.edge.wsgi import WafMiddleware

app = Flask(__name__)
app.wsgi_app = WafMiddleware(
    app.wsgi_app, inspector=inspector_from_file(Path(__file__).with_name("web-acl.json"))
)


@app.get("/search")
def search() -> dict[str, str | None]:
    """Say what was looked for, and what the web ACL says of it."""
    return {"q": request.args["q"], "marked": request.headers.get("X-Amzn-Waf-Search")}


@app.post("/notes")
def notes() -> dict[str, str]:
    """Take a body of any length as it comes."""
    digest = hashlib.sha256()
    while piece := request.stream.read(65_536):
        digest.update(piece)
    return {"sha256": digest.hexdigest()}
