"""How long a phone on a slow network (400 kb/s, 400 ms) waits for the page: `python tests/bench/slow_phone.py`."""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from browser import chromium, opened
from page_server import PageServer
from playwright.sync_api import expect

SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}


def main() -> None:
    with PageServer(Path(tempfile.mkdtemp())) as server, chromium() as browser:
        job = server.made("taster", level="brief")["job"]
        server.get("api/home"), server.get("api/sessions")
        views = {
            "first view": ("", ".card"),
            "session": ("#session/taster", "form"),
            "player": (f"#job/{job}", ".player"),
        }
        for name, (view, ready) in views.items():
            with opened(browser) as context:
                for visit in ("first", "second"):
                    page = context.new_page()
                    tools = context.new_cdp_session(page)
                    tools.send("Network.enable")
                    tools.send("Network.emulateNetworkConditions", SLOW)
                    came: list[tuple[str, int, float]] = []
                    urls: dict[str, str] = {}
                    started = time.perf_counter()
                    tools.on(
                        "Network.requestWillBeSent",
                        lambda it, urls=urls: urls.update({it["requestId"]: it["request"]["url"]}),
                    )
                    tools.on(
                        "Network.loadingFinished",
                        lambda it, came=came, urls=urls, started=started: came.append(
                            (
                                urls[it["requestId"]].rpartition("/")[2],
                                it["encodedDataLength"],
                                time.perf_counter() - started,
                            )
                        ),
                    )
                    page.goto(server.address + view, wait_until="commit")
                    expect(page.locator(ready).first).to_be_visible()
                    took = time.perf_counter() - started
                    total = sum(size for _, size, _ in came)
                    print(f"{name}, {visit} visit: {took:.1f} s, {len(came)} requests, {total / 1000:.0f} kB")
                    if "-v" in sys.argv:
                        for url, size, at in came:
                            print(f"    {at:5.2f}  {size:7}  {url}")
                    page.close()


if __name__ == "__main__":
    main()
