"""A page in headless Chromium, driven over the pipe of `--remote-debugging-pipe`: JSON messages that end in NUL.

Needs nothing but Python's standard library. Answers come back from `call`; everything else that the browser says of a page
(console, exceptions, violations of its policy, requests) is kept in `events`.
"""

import fcntl
import json
import os
import select
import subprocess
import time

# A machine that does many things at once is slow, not wrong.
PATIENCE = 120.0
KEYS = {
    "Enter": (13, "\r"), "Escape": (27, None), "Tab": (9, None), "ArrowLeft": (37, None), "ArrowUp": (38, None),
    "ArrowRight": (39, None), "ArrowDown": (40, None), "Home": (36, None), "End": (35, None), "/": (191, "/"),
}


class Wrong(Exception):
    """The browser does not do what it is told."""


class Chromium:
    """A browser with one page."""

    def __init__(self, program, profile):
        # High numbers, so that bash can put them at 3 and 4, where Chromium looks.
        reader, to_browser = os.pipe()
        from_browser, writer = os.pipe()
        reader, writer = (fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (reader, writer))
        arguments = [
            program, "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={profile}", "--no-first-run",
            "--disable-gpu", "--disable-extensions", "--disable-background-networking", "--disable-component-update",
            "--disable-default-apps", "--disable-sync", "--no-default-browser-check", "--disable-dev-shm-usage",
            "--hide-scrollbars", "--force-color-profile=srgb", "about:blank",
        ]
        if os.geteuid() == 0:
            arguments.insert(1, "--no-sandbox")
        self.log = open(os.path.join(profile, "stderr"), "wb")
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{reader} 4>&{writer}', "bash", *arguments],
            pass_fds=(reader, writer), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
        )
        os.close(reader)
        os.close(writer)
        self.to, self.origin = to_browser, from_browser
        self.rest, self.number, self.session, self.events = b"", 0, None, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            self.call(f"{domain}.enable")

    def close(self):
        """Ends the browser."""
        try:
            self.session = None
            self.call("Browser.close")
        except (Wrong, OSError):
            pass
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def message(self, until):
        """The next message, or nothing when time is up."""
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.origin], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                return None
            read = os.read(self.origin, 1 << 20)
            if not read:
                raise Wrong("the browser ended")
            self.rest += read
        one, self.rest = self.rest.split(b"\0", 1)
        return json.loads(one)

    def call(self, method, **parameters):
        """Asks for something and waits for the answer."""
        self.number += 1
        number = self.number
        asked = {"id": number, "method": method, "params": parameters}
        if self.session:
            asked["sessionId"] = self.session
        data = json.dumps(asked).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data):]
        until = time.monotonic() + PATIENCE
        while True:
            message = self.message(until)
            if message is None:
                raise Wrong(f"{method} is not answered")
            if message.get("id") != number:
                if "method" in message:
                    self.events.append(message)
                continue
            if "error" in message:
                raise Wrong(f"{method}: {message['error']['message']}")
            return message["result"]

    def wait(self, method):
        """Waits for an event that was not there when `events` was emptied."""
        until = time.monotonic() + PATIENCE
        while not any(event["method"] == method for event in self.events):
            message = self.message(until)
            if message is None:
                raise Wrong(f"{method} does not come")
            if "method" in message:
                self.events.append(message)

    def look(self, width, height, dark=False, mobile=False):
        """The window and the colours that the reader likes."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        motion = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.call("Emulation.setEmulatedMedia", media="", features=[scheme, motion])

    def open(self, address):
        """Loads a page from nothing."""
        for url in ("about:blank", address):
            self.events = []
            self.call("Page.navigate", url=url)
            self.wait("Page.loadEventFired")

    def run(self, script):
        """The value of an expression in the page."""
        got = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in got:
            details = got["exceptionDetails"]
            raise Wrong(f"{script}: {details.get('exception', {}).get('description', details['text'])}")
        return got["result"].get("value")

    def key(self, name):
        """Presses a key where the focus is."""
        code, text = KEYS[name]
        key = {"key": name, "windowsVirtualKeyCode": code, "nativeVirtualKeyCode": code}
        if text:
            key["text"] = text
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **key)
        self.call("Input.dispatchKeyEvent", type="keyUp", **{k: v for k, v in key.items() if k != "text"})

    def type(self, text):
        """Types a text where the focus is."""
        self.call("Input.insertText", text=text)

    def click(self, selector):
        """Clicks into the middle of an element, brought into view."""
        at = self.run(
            f"(function () {{ var it = document.querySelector({json.dumps(selector)});"
            " it.scrollIntoView({ block: 'center', inline: 'center' });"
            " var box = it.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }())"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=at[0], y=at[1], button="left", clickCount=1)

    def picture(self, path, whole=False):
        """Writes what is seen, or the whole page, as PNG."""
        import base64
        more = {}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            more = {"captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "scale": 1, "width": size["width"],
                                                           "height": min(size["height"], 8000)}}
        data = self.call("Page.captureScreenshot", format="png", **more)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def complaints(self):
        """Everything that the browser holds against the page since it was opened, and every request but its own."""
        found = []
        for event in self.events:
            what = event["params"]
            match event["method"]:
                case "Runtime.exceptionThrown":
                    found.append("exception: " + json.dumps(what["exceptionDetails"])[:400])
                case "Runtime.consoleAPICalled":
                    found.append(f"console.{what['type']}: " + json.dumps(what["args"])[:400])
                case "Log.entryAdded":
                    found.append(f"{what['entry']['source']}: {what['entry']['text']}")
                # The back button may pass over what nobody clicked; a test clicks nothing before it goes on.
                case "Audits.issueAdded" if "NavigationEntryMarkedSkippable" not in json.dumps(what):
                    found.append("issue: " + json.dumps(what["issue"])[:400])
                case "Page.javascriptDialogOpening":
                    found.append("a dialog opens: " + what["message"])
                case "Network.requestWillBeSent" if what["type"] != "Document" or what["request"]["url"][:5] != "file:":
                    found.append("request: " + what["request"]["url"][:200])
        return found
