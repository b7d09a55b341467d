"""An AIM that says hello."""

from pyhypercycle_aim import JSONResponseCORS, SimpleServer, aim_uri

PORT = 4000


class MyHelloAIM(SimpleServer):
    """The smallest AIM: one endpoint."""

    manifest = {"name": "MyHelloAIM", "short_name": "hello", "version": "1.0.0"}

    @aim_uri(
        uri="/run",
        methods=["POST"],
        endpoint_manifest={"documentation": "Greets the node", "example_calls": [{"method": "POST"}]},
    )
    async def run_endpoint(self, request):
        """Greet the node that asks."""
        return JSONResponseCORS({"message": "Hello Node!"})


if __name__ == "__main__":
    MyHelloAIM().run(uvicorn_kwargs={"host": "0.0.0.0", "port": PORT})
