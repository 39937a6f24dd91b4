"""A system's Firefox, driven over WebDriver BiDi (https://w3c.github.io/webdriver-bidi/)."""

import json
import re
import shutil
import subprocess
import time
from contextlib import ExitStack

from websockets.sync.client import connect

BINARY = shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """One window of a Firefox with a profile of its own. Any command that fails raises RuntimeError."""

    def __init__(self, profile):
        if BINARY is None:
            raise RuntimeError("Install Firefox, or leave out tests/browser/test_firefox.py.")
        options = ["--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
        self.command = [BINARY, *options]
        self.number = 0

    def __enter__(self):
        with ExitStack() as stack:
            pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
            self.process = stack.enter_context(subprocess.Popen(self.command, **pipes))
            stack.callback(self.process.terminate)
            self.socket = stack.enter_context(connect(f"{self.address()}/session", max_size=None))
            self.send("session.new", capabilities={})
            self.context = self.send("browsingContext.getTree")["contexts"][0]["context"]
            self.opened = stack.pop_all()
        return self

    def __exit__(self, *error):
        self.opened.close()

    def address(self):
        for line in self.process.stderr:
            if found := re.search(r"ws://\S+", line):
                return found[0].rstrip("/")
        raise RuntimeError("Firefox has ended before it opened its port.")

    def send(self, method, **params):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv(timeout=60))
            if message.get("id") == self.number:
                if message["type"] == "error":
                    raise RuntimeError(message["message"])
                return message["result"]

    def resize(self, width, height):
        viewport = {"width": width, "height": height}
        self.send("browsingContext.setViewport", context=self.context, viewport=viewport)

    def open(self, address):
        self.send("browsingContext.navigate", context=self.context, url=address, wait="complete")

    def reload(self):
        self.send("browsingContext.reload", context=self.context, wait="complete")

    def evaluate(self, script):
        """The value of an expression: a text, a number or a boolean."""
        target = {"context": self.context}
        answer = self.send("script.evaluate", expression=script, target=target, awaitPromise=True)
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return answer["result"].get("value")

    def wait_for(self, script):
        """Evaluate `script` until it is true, for ten seconds at most."""
        for _try in range(100):
            if self.evaluate(script):
                return
            time.sleep(0.1)
        raise RuntimeError(f"It did not become true: {script}")
