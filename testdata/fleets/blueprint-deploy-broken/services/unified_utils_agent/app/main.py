"""UnifiedUtilsAgent: offers small shared helpers over HTTP."""

import asyncio

import uvicorn
from fastapi import FastAPI

app = FastAPI(title="UnifiedUtilsAgent")
health = FastAPI(title="UnifiedUtilsAgent health")


@health.get("/health")
def answer() -> dict[str, str]:
    """The fleet's health contract."""
    return {"status": "ok"}


async def main() -> None:
    """Serve requests and health on their two ports."""
    ports = ((app, 7118), (health, 8118))
    servers = [uvicorn.Server(uvicorn.Config(a, host="0.0.0.0", port=p)) for a, p in ports]
    await asyncio.gather(*(s.serve() for s in servers))


if __name__ == "__main__":
    asyncio.run(main())
