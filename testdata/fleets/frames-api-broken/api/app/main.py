"""Image Frames API."""

import os

from fastapi import FastAPI

app = FastAPI(title="ImageFramesAPI", version="0.1.0")


@app.get("/health")
def health() -> dict[str, str]:
    """Answer the health contract of the plan."""
    return {
        "status": "healthy",
        "app_name": app.title,
        "version": app.version,
        "environment": os.environ["ENVIRONMENT"],
        "database": "connected",
    }
