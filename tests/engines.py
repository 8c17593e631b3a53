"""The three engines of browsers by one small interface: Chromium, Firefox and WebKit, none with a window to be seen.

All three are steered by WebDriver (https://www.w3.org/TR/webdriver2/): Chromium and WebKit over HTTP by the program
that comes with each, and Firefox by its own port, Marionette, which has the same commands.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

ENGINES = ("chromium", "firefox", "webkit")

PROGRAMS = {
    "chromium": ("chromium", "chromedriver"),
    "firefox": ("firefox-esr",),
    "webkit": ("WebKitWebDriver", "Xvfb"),
}
"""What each engine needs: Debian's chromium-driver, firefox-esr, webkit2gtk-driver and xvfb. To play MP3, WebKit needs
gstreamer1.0-plugins-good, -bad and -libav.
"""

KEYS = {"Space": " ", "Tab": "\ue004", "Enter": "\ue007", "Escape": "\ue00c"} | {
    f"Arrow{name}": code for name, code in zip(("Left", "Up", "Right", "Down"), "\ue012\ue013\ue014\ue015", strict=True)
}
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of an element in an answer

Call = Callable[..., Any]


class WebDriverError(Exception):
    """What a browser refused."""


class Engine(NamedTuple):
    """A browser with one page. `call` takes the method, the path and the parameters of a command of WebDriver."""

    name: str
    call: Call
    noted: Callable[[], list[str]]

    def open(self, url: str) -> None:
        self.call("POST", "url", url=url)

    def run(self, body: str, *values: Any) -> Any:
        """What the body of an async function returns; its `values` are in `arguments`."""
        done = "const done = [...arguments].pop(); const said = (error) => done({ error: `${error.name}: ${error}` });"
        script = f"{done} (async function () {{ {body} }})(...arguments).then((value) => done({{ value }}), said);"
        answer = self.call("POST", "execute/async", script=script, args=list(values))
        if "error" in answer:
            raise WebDriverError(answer["error"])
        return answer.get("value")

    def until(self, condition: str, seconds: float = 30) -> Any:
        """What an expression is as soon as that is true."""
        end = time.monotonic() + seconds
        while not (found := self.run(f"return {condition};")):
            assert time.monotonic() < end, f"{self.name}: waited in vain for {condition}"
            time.sleep(0.05)
        return found

    def click(self, selector: str) -> None:
        """Press it as a finger would: it has to be there to be seen, with nothing over it."""
        found = self.call("POST", "element", using="css selector", value=selector)
        self.call("POST", f"element/{found[ELEMENT]}/click")

    def press(self, key: str) -> None:
        strokes = [{"type": kind, "value": KEYS.get(key, key)} for kind in ("keyDown", "keyUp")]
        self.call("POST", "actions", actions=[{"type": "key", "id": "keys", "actions": strokes}])

    def resize(self, width: int, height: int) -> None:
        """Make the page this large."""
        if self.name == "chromium":  # its window has a least width
            metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
            self.call("POST", "goog/cdp/execute", cmd="Emulation.setDeviceMetricsOverride", params=metrics)
            return
        around = self.run("return [outerWidth - innerWidth, outerHeight - innerHeight];")
        self.call("POST", "window/rect", width=width + around[0], height=height + around[1])
        self.until(f"innerWidth === {width} && innerHeight === {height}")

    def screenshot(self, path: Path) -> None:
        whole = {"full": False} if self.name == "firefox" else {}
        path.write_bytes(base64.b64decode(self.call("GET", "screenshot", **whole)))

    def requests(self) -> list[str]:
        """The addresses of all that the page has loaded beside itself, from wherever."""
        return self.run("return performance.getEntriesByType('resource').map(({ name }) => name.slice(0, 200));")

    def errors(self) -> list[str]:
        """What the console has got of errors of the page so far, also what its own policy forbids."""
        return self.noted()


def missing(name: str) -> str:
    """The program that an engine lacks on this machine; "" where nothing is missing."""
    return next((program for program in PROGRAMS[name] if not shutil.which(program)), "")


@contextmanager
def engine(name: str, folder: Path, scripts: bool = True) -> Iterator[Engine]:
    """A browser with a new profile below `folder`, which need not exist; without `scripts` it runs none of a page."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        start = {"chromium": _chromium, "firefox": _firefox, "webkit": _webkit}[name]
        running = start(stack, folder, scripts)
        running.call("POST", "timeouts", script=60_000)
        yield running


def _chromium(stack: ExitStack, folder: Path, scripts: bool) -> Engine:
    log = folder / "log"
    driver = _driver(stack, ["chromedriver"], log)
    arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--no-proxy-server",
    ]
    arguments += ["--autoplay-policy=no-user-gesture-required", f"--user-data-dir={folder / 'profile'}"]
    options = {"binary": shutil.which("chromium"), "args": [*arguments, "--disable-background-networking"]}
    if not scripts:
        options["prefs"] = {"profile.managed_default_content_settings.javascript": 2}
    call = _session(stack, driver, {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}})
    noted: list[str] = []

    def read() -> list[str]:  # each answer has what is new
        noted.extend(row["message"] for row in call("POST", "se/log", type="browser") if row["level"] == "SEVERE")
        return noted

    return Engine("chromium", call, read)


_BARE = "toolbar *, entry, button, image { all: unset; font-size: 1px; min-width: 0; -gtk-icon-transform: scale(0.1); }"
"""The style of its window: with buttons of their usual size it would be wider than a phone."""

_LISTEN = """
window.noted = [];
const note = (text) => window.noted.push(String(text));
for (const kind of ["error", "unhandledrejection", "securitypolicyviolation"]) {
  addEventListener(kind, (one) => note(one.message ?? one.reason ?? `${one.violatedDirective} ${one.blockedURI}`));
}
console.error = (...parts) => note(parts.join(" "));
"""


def _webkit(stack: ExitStack, folder: Path, scripts: bool) -> Engine:
    (style := folder / ".config" / "gtk-3.0").mkdir(parents=True, exist_ok=True)
    (style / "gtk.css").write_text(_BARE)
    (browser,) = Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser")
    log, variables = folder / "log", {"DISPLAY": _display(stack), "GDK_BACKEND": "x11", "HOME": str(folder)}
    driver = _driver(stack, ["WebKitWebDriver"], log, **variables)
    arguments = ["--automation", f"--enable-javascript={str(scripts).lower()}"]
    send = _session(stack, driver, {"webkitgtk:browserOptions": {"binary": str(browser), "args": arguments}})

    def call(method: str, path: str, **parameters: Any) -> Any:
        answer = send(method, path, **parameters)
        if scripts and path in ("url", "refresh") and method == "POST":
            send("POST", "execute/sync", script=_LISTEN, args=[])
        return answer

    def noted() -> list[str]:
        """Under a driver it says nothing about the time before a page is there, so it is loaded once more without."""
        visit = [
            str(browser),
            "--exit-after-load",
            "--enable-write-console-messages-to-stdout=true",
            call("GET", "url"),
        ]
        _start(stack, visit, folder / "visit", **variables).wait(60)
        found = re.findall(r"^.*CONSOLE.* ERROR .*", (folder / "visit").read_text(errors="replace"), re.MULTILINE)
        return found + call("POST", "execute/sync", script="return window.noted;", args=[])

    return Engine("webkit", call, noted)


_PREFERENCES = {
    "app.normandy.enabled": False,
    "app.shield.optoutstudies.enabled": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "devtools.console.stdout.chrome": False,
    "devtools.console.stdout.content": True,
    "datareporting.policy.dataSubmissionEnabled": False,
    "marionette.port": 0,  # any that is free; the profile then has a file that names it
    "media.autoplay.default": 0,
    "messaging-system.rsexperimentloader.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.type": 0,
    "toolkit.legacyUserProfileCustomizations.stylesheets": True,
}
_CONSOLE = """
const { interfaces: Ci } = Components;
return Services.console.getMessageArray().filter((one) => one instanceof Ci.nsIScriptError
  && !(one.flags & Ci.nsIScriptError.warningFlag) && /^(file|http):/.test(one.sourceName))
  .map((one) => `${one.errorMessage} (${one.sourceName})`);
"""


def _firefox(stack: ExitStack, folder: Path, scripts: bool) -> Engine:
    profile, log = folder / "profile", folder / "log"
    (profile / "chrome").mkdir(parents=True, exist_ok=True)
    (port := profile / "MarionetteActivePort").unlink(missing_ok=True)
    (profile / "chrome" / "userChrome.css").write_text(":root { min-width: 0 !important; }")  # as narrow as a phone
    preferences = _PREFERENCES | {"javascript.enabled": scripts}
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items())
    (profile / "user.js").write_text("".join(lines))
    command = ["firefox-esr", "--headless", "--marionette", "--remote-allow-system-access", "--no-remote"]
    _start(stack, [*command, "--profile", str(profile)], log, HOME=str(folder))
    number = int(_wait_for(port.read_text))
    connection = stack.enter_context(socket.create_connection(("127.0.0.1", number), 120))
    stream = stack.enter_context(connection.makefile("rb"))

    def read() -> Any:
        length = b"".join(iter(lambda: stream.read(1), b":"))
        return json.loads(stream.read(int(length)))

    def send(command: str, **parameters: Any) -> Any:
        message = json.dumps([0, 1, command, parameters]).encode()
        connection.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = read()
        if error:
            raise WebDriverError(f"{command}: {error['message']}")
        return result["value"] if isinstance(result, dict) and set(result) == {"value"} else result

    def call(method: str, path: str, **parameters: Any) -> Any:
        if path.startswith("element/"):
            parameters["id"] = path.split("/")[1]
        return send(f"WebDriver:{_MARIONETTE[re.sub('/.*/', '/', path)]}", **parameters)

    def noted() -> list[str]:
        told = re.findall(r"^console\.error: (?!RSLoader).*", log.read_text(errors="replace"), re.MULTILINE)
        send("Marionette:SetContext", value="chrome")
        try:
            return told + send("WebDriver:ExecuteScript", script=_CONSOLE, args=[], sandbox="system")
        finally:
            send("Marionette:SetContext", value="content")

    read()  # it says which protocol it speaks
    send("WebDriver:NewSession", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
    return Engine("firefox", call, noted)


_MARIONETTE = {
    "url": "Navigate",
    "execute/async": "ExecuteAsyncScript",
    "element": "FindElement",
    "element/click": "ElementClick",
    "actions": "PerformActions",
    "window/rect": "SetWindowRect",
    "screenshot": "TakeScreenshot",
    "timeouts": "SetTimeouts",
    "refresh": "Refresh",
}


def _display(stack: ExitStack) -> str:
    """A screen that nobody sees."""
    read, write = os.pipe()
    with os.fdopen(read) as said:
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
        process = subprocess.Popen(command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stack.callback(_end, process)
        os.close(write)
        return f":{said.readline().strip()}"


def _driver(stack: ExitStack, command: list[str], log: Path, **variables: str) -> str:
    """Start a driver; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    _start(stack, [*command, f"--port={port}"], log, **variables)
    address = f"http://127.0.0.1:{port}"
    _wait_for(lambda: _ask("GET", f"{address}/status"))
    return address


def _session(stack: ExitStack, driver: str, capabilities: dict[str, Any]) -> Call:
    body = {"capabilities": {"alwaysMatch": capabilities}}
    session = f"{driver}/session/{_ask('POST', f'{driver}/session', body)['sessionId']}"
    stack.callback(_ask, "DELETE", session)
    return lambda method, path, **parameters: _ask(method, f"{session}/{path}", parameters)


def _ask(method: str, url: str, body: dict[str, Any] | None = None) -> Any:
    data = json.dumps(body or {}).encode() if method == "POST" else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=120) as answer:
            return json.load(answer)["value"]
    except urllib.error.HTTPError as error:
        raise WebDriverError(f"{method} {url}: {json.load(error)['value']['message']}") from None


def _start(stack: ExitStack, command: list[str], log: Path, **variables: str) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment | variables)
    stack.callback(_end, process)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for(ask: Callable[[], Any], seconds: float = 60) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError, ValueError):
            if found := ask():
                return found
        time.sleep(0.05)
    raise AssertionError("A browser did not start.")
