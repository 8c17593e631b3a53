"""A phone's browser on the page: Chromium without a window, a new profile each time, and no line to anywhere else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()

TWO_POSES = """\
title: Two <b>poses</b> & a rest
description: Standing and folding, to be tried out.
tags: [hüften, short]
defaults: {background: none, level: brief, breath: 2-2}
steps:
  - pose: {name: Stand tall, instructions: Stand up., hold: 14s, limits: 10s..40s}
  - pose: {name: Fold, instructions: Fold., hold: 12s, limits: 10s..40s}
"""

WRONG = """\
title: Wrong
steps:
  - pose: child-pose
  - rest: soon
"""

NETWORK = "Failed to load resource"
"""What the browser itself notes about an answer that is a refusal."""
PLAIN = "Cross-Origin-Opener-Policy header has been ignored"
"""And about an address of the network without HTTPS, where a header of the server counts for nothing."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser. While it is open, this thread has an event loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, **options) -> Iterator[BrowserContext]:
    """A profile of a phone's size in which nothing may go wrong unseen: no error of a script, nothing that the page's
    own policy forbids.
    """
    context = browser.new_context(**{"viewport": {"width": 390, "height": 844}, "service_workers": "block", **options})
    context.set_default_timeout(60_000)
    expect.set_options(60_000)  # a session is made meanwhile, and this machine may have other things to do
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    yield context
    context.close()
    assert [error for error in errors if NETWORK not in error and PLAIN not in error] == []


def wait_until_true(page: Page, true: str, argument: object = None) -> None:
    """Wait for a function of the page's. Playwright's own way asks by `eval`, which the page's policy forbids."""
    page.evaluate(
        f"""argument => new Promise((done, failed) => {{
            const end = performance.now() + 60_000;
            const look = () => {{
                if (({true})(argument)) done();
                else if (performance.now() < end) setTimeout(look, 20);
                else failed(new Error("it never was true"));
            }};
            look();
        }})""",
        argument,
    )


def violations(page: Page) -> list[str]:
    """What axe-core finds: the rule and the element of each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate("axe.run({ resultTypes: ['violations'] }).then((results) => results.violations)")
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


def clock(page: Page) -> float:
    """Where the sound is, in seconds."""
    return page.evaluate("document.querySelector('audio[src]')?.currentTime ?? 0")
