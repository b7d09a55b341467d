"""RealTimeAudioPipelinePC2: turns microphone frames into text events on the second machine."""

import asyncio

import uvicorn
from fastapi import FastAPI

app = FastAPI(title="RealTimeAudioPipelinePC2")
health = FastAPI(title="RealTimeAudioPipelinePC2 health")


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
