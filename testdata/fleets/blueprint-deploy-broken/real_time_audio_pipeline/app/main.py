"""RealTimeAudioPipeline: turns microphone frames into text events."""

import asyncio

import uvicorn
from fastapi import FastAPI

app = FastAPI(title="RealTimeAudioPipeline")
health = FastAPI(title="RealTimeAudioPipeline health")


@health.get("/health")
def answer() -> dict[str, str]:
    """The fleet's health contract."""
    return {"status": "ok"}


async def main() -> None:
    """Serve requests and health on their two ports."""
    ports = ((app, 5557), (health, 6557))
    servers = [uvicorn.Server(uvicorn.Config(a, host="0.0.0.0", port=p)) for a, p in ports]
    await asyncio.gather(*(s.serve() for s in servers))


if __name__ == "__main__":
    asyncio.run(main())
