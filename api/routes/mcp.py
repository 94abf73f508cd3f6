"""`POST /mcp`: the Model Context Protocol, streamable HTTP without sessions; the tools are in `api.mcp`."""

from importlib import import_module

from anyio import Event, sleep_forever, to_thread
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from api import deps

router = APIRouter(tags=["mcp"])


class Later:
    """The application behind `/mcp`, which is loaded when the first client asks: its SDK takes half a second.

    What it opens must be closed by the task that opened it, hence `run`.
    """

    _app: ASGIApp

    def __init__(self, services: deps.Services) -> None:
        self._services = services
        self._wanted, self._ready = Event(), Event()

    async def run(self) -> None:
        """Wait for the first client, then serve until cancelled."""
        await self._wanted.wait()
        server = await to_thread.run_sync(import_module, "api.mcp.server")
        async with server.over_http(self._services) as self._app:
            self._ready.set()
            await sleep_forever()

    async def app(self) -> ASGIApp:
        """Return the application once it is loaded."""
        self._wanted.set()
        await self._ready.wait()
        return self._app


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
    later: Later | None = getattr(request.app.state, "mcp", None)
    if later is None:
        raise HTTPException(503, "The service is starting; ask again.")
    app = await later.app()
    from api.mcp import server

    await server.admit(request, given.settings)
    request.state.caller = who
    return _Handover(app)
