"""ModelOpsCoordinator: loads, evicts and routes language models."""

import asyncio

import uvicorn
from fastapi import FastAPI

app = FastAPI(title="ModelOpsCoordinator")
health = FastAPI(title="ModelOpsCoordinator health")


@health.get("/health")
def answer() -> dict[str, str]:
    """The fleet's health contract."""
    return {"status": "ok"}


async def main() -> None:
    """Serve requests and health on their two ports."""
    ports = ((app, 7212), (health, 8212))
    servers = [uvicorn.Server(uvicorn.Config(a, host="0.0.0.0", port=p)) for a, p in ports]
    await asyncio.gather(*(s.serve() for s in servers))


if __name__ == "__main__":
    asyncio.run(main())
