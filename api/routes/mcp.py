"""`POST /mcp`: the Model Context Protocol, streamable HTTP without sessions; the tools are in `api.mcp`."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from api import deps
from api.mcp import server

router = APIRouter(tags=["mcp"])


class _Handover(Response):
    """Lets another application answer the request."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__()
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


@router.post("/mcp", response_class=Response, include_in_schema=False)
async def post_mcp(request: Request, given: deps.Given, who: deps.Who) -> Response:
    """Answer one message of a client of the Model Context Protocol, at the level of its key."""
    await server.admit(request, given.settings)
    app: ASGIApp | None = getattr(request.app.state, "mcp", None)
    if app is None:
        raise HTTPException(503, "The service is starting; ask again.")
    request.state.caller = who
    return _Handover(app)
