"""Debian's Chromium, driven over its DevTools protocol."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Self

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_SECONDS = 60
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--hide-scrollbars", "--remote-debugging-port=0",
)  # fmt: skip


def found() -> str:
    """The browser's path: KERNELGEPA_BROWSER, or one of the usual names; "" where there is none."""
    return os.environ.get("KERNELGEPA_BROWSER") or next(filter(None, map(shutil.which, NAMES)), "")


class Browser:
    """One page. What it logs and what it asks of the network is kept."""

    def __init__(self, program: str, home: Path) -> None:
        import websocket  # noqa: PLC0415

        self.trouble: list[str] = []
        self.requests: list[str] = []
        self._number = 0
        self._process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={home}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        port = home / "DevToolsActivePort"
        end = time.monotonic() + START_SECONDS
        while not (port.exists() and port.read_text().count("\n")):
            if time.monotonic() > end or self._process.poll() is not None:
                self._process.kill()
                raise RuntimeError(f"{program} did not start")
            time.sleep(0.05)
        number, path = port.read_text().split("\n")[:2]
        self._socket = websocket.create_connection(
            f"ws://127.0.0.1:{number}{path}", suppress_origin=True, timeout=120
        )
        self._session = ""
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(t["targetId"] for t in targets if t["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=page, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(20)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command's result. Raises RuntimeError where it has failed."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return dict(answer["result"])
            self._event(answer)

    def _event(self, event: dict[str, Any]) -> None:
        kind, said = event.get("method"), event.get("params", {})
        if kind == "Runtime.exceptionThrown":
            self.trouble.append(json.dumps(said["exceptionDetails"])[:2000])
        elif kind == "Runtime.consoleAPICalled" and said["type"] in ("error", "warning", "assert"):
            self.trouble.append(json.dumps(said["args"]))
        elif kind == "Log.entryAdded":
            self.trouble.append(said["entry"]["text"])
        elif kind == "Network.requestWillBeSent":
            self.requests.append(said["request"]["url"])

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        done = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in done:
            raise RuntimeError(json.dumps(done["exceptionDetails"])[:2000])
        return done["result"].get("value")

    def until(self, script: str, seconds: float = 60) -> None:
        """Waits for an expression to be true."""
        end = time.monotonic() + seconds
        while not self.run(f"Boolean({script})"):
            if time.monotonic() > end:
                raise RuntimeError(f"never true: {script}")
            time.sleep(0.03)

    def open(self, page: Path, hash_: str = "") -> None:
        """Opens a report and waits until it is whole."""
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=page.resolve().as_uri() + hash_)
        self.until("document.body && document.body.dataset.ready === 'yes'")

    def screen(self, width: int, height: int, scheme: str = "light", scale: float = 1) -> None:
        """Sets the size of the window and what colours the system asks for."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height,
            deviceScaleFactor=scale, mobile=False,
        )  # fmt: skip
        calm = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}, calm],
        )
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def click(self, selector: str) -> None:
        """With the mouse, in the middle of the first element."""
        box = self.run(
            f"""(() => {{
              const found = document.querySelector({json.dumps(selector)});
              found.scrollIntoView({{ block: "center", behavior: "instant" }});
              const b = found.getBoundingClientRect();
              return [b.left + b.width / 2, b.top + b.height / 2];
            }})()"""
        )
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.call(
                "Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1],
                button="none" if kind == "mouseMoved" else "left",
                clickCount=0 if kind == "mouseMoved" else 1,
            )  # fmt: skip

    def press(self, key: str, shift: bool = False) -> None:
        """A key: Tab, Enter, Home, End, ArrowUp, ..."""
        codes = {
            "Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "End": 35, "Home": 36,
            "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40,
        }  # fmt: skip
        common = {
            "key": key, "code": "Space" if key == " " else key, "modifiers": 8 if shift else 0,
            "windowsVirtualKeyCode": codes[key],
        }  # fmt: skip
        text = {"Enter": "\r", " ": " "}.get(key)
        more = {"text": text} if text else {}
        self.call(
            "Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **common, **more
        )
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text: str) -> None:
        """Into what has the focus."""
        self.call("Input.insertText", text=text)

    def shot(self, out: Path, whole: bool = False) -> Path:
        """A picture of the window, or of the whole page."""
        more = {}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            more = {
                "clip": {
                    "x": 0,
                    "y": 0,
                    "width": size["width"],
                    "height": size["height"],
                    "scale": 1,
                }
            }
        data = self.call(
            "Page.captureScreenshot", format="png", captureBeyondViewport=whole, **more
        )
        out.write_bytes(base64.b64decode(data["data"]))
        return out
