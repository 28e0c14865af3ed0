"""FastAPI behind a web ACL: `uvicorn --no-proxy-headers with_fastapi:app`."""

import hashlib
from pathlib import Path

from fastapi import FastAPI, Request, WebSocket

from masugata.edge.asgi import WafMiddleware
from masugata.edge.inspectors import inspector_from_file

app = FastAPI()
app.add_middleware(WafMiddleware, inspector=inspector_from_file(Path(__file__).with_name("web-acl.json")))


@app.get("/search")
async def search(request: Request, q: str) -> dict[str, str | None]:
    """Say what was looked for, and what the web ACL says of it."""
    return {"q": q, "marked": request.headers.get("x-amzn-waf-search")}


@app.post("/notes")
async def notes(request: Request) -> dict[str, str]:
    """Take a body of any length as it comes."""
    digest = hashlib.sha256()
    async for piece in request.stream():
        digest.update(piece)
    return {"sha256": digest.hexdigest()}


@app.websocket("/echo")
async def echo(socket: WebSocket) -> None:
    """Say the first message again."""
    await socket.accept()
    await socket.send_text(await socket.receive_text())
    await socket.close()
