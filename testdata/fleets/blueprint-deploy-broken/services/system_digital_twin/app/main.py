"""SystemDigitalTwin: keeps a model of the fleet's own state."""

import asyncio

import uvicorn
from fastapi import FastAPI

app = FastAPI(title="SystemDigitalTwin")
health = FastAPI(title="SystemDigitalTwin health")


@health.get("/health")
def answer() -> dict[str, str]:
    """The fleet's health contract."""
    return {"status": "ok"}


async def main() -> None:
    """Serve requests and health on their two ports."""
    ports = ((app, 7220), (health, 8220))
    servers = [uvicorn.Server(uvicorn.Config(a, host="0.0.0.0", port=p)) for a, p in ports]
    await asyncio.gather(*(s.serve() for s in servers))


if __name__ == "__main__":
    asyncio.run(main())
