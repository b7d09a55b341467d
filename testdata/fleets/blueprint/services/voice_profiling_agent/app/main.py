"""VoiceProfilingAgent: tells speakers apart."""

import asyncio

import uvicorn
from fastapi import FastAPI

app = FastAPI(title="VoiceProfilingAgent")
health = FastAPI(title="VoiceProfilingAgent health")


@health.get("/health")
def answer() -> dict[str, str]:
    """The fleet's health contract."""
    return {"status": "ok"}


async def main() -> None:
    """Serve requests and health on their two ports."""
    ports = ((app, 5708), (health, 6708))
    servers = [uvicorn.Server(uvicorn.Config(a, host="0.0.0.0", port=p)) for a, p in ports]
    await asyncio.gather(*(s.serve() for s in servers))


if __name__ == "__main__":
    asyncio.run(main())
