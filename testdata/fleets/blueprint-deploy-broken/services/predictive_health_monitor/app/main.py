"""PredictiveHealthMonitor: foresees failures from metric trends."""

import asyncio

import uvicorn
from fastapi import FastAPI

app = FastAPI(title="PredictiveHealthMonitor")
health = FastAPI(title="PredictiveHealthMonitor health")


@health.get("/health")
def answer() -> dict[str, str]:
    """The fleet's health contract."""
    return {"status": "ok"}


async def main() -> None:
    """Serve requests and health on their two ports."""
    ports = ((app, 5613), (health, 6613))
    servers = [uvicorn.Server(uvicorn.Config(a, host="0.0.0.0", port=p)) for a, p in ports]
    await asyncio.gather(*(s.serve() for s in servers))


if __name__ == "__main__":
    asyncio.run(main())
