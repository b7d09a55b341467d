"""ProactiveContextMonitor: collects context for proactive talk."""

import asyncio

import uvicorn
from fastapi import FastAPI

app = FastAPI(title="ProactiveContextMonitor")
health = FastAPI(title="ProactiveContextMonitor health")


@health.get("/health")
def answer() -> dict[str, str]:
    """The fleet's health contract."""
    return {"status": "ok"}


async def main() -> None:
    """Serve requests and health on their two ports."""
    ports = ((app, 7119), (health, 8119))
    servers = [uvicorn.Server(uvicorn.Config(a, host="0.0.0.0", port=p)) for a, p in ports]
    await asyncio.gather(*(s.serve() for s in servers))


if __name__ == "__main__":
    asyncio.run(main())
