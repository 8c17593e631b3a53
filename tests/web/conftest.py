import browser as browser_on
import pytest
from page_server import PageServer, wait_for
from processes import below


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server for all tests that leave it as it was."""
    with PageServer(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """A server for the tests of the page, with a routine of two poses."""
    folder = tmp_path_factory.mktemp("site")
    scripts = folder / "home" / "scripts"
    scripts.mkdir(parents=True)
    (scripts / "two-poses.yaml").write_text(browser_on.TWO_POSES, "utf-8")
    with PageServer(folder) as running:
        yield running


@pytest.fixture(scope="package")
def browser():
    """One for all tests of the page. Not for the whole run: while it is open, this thread has an event loop."""
    with browser_on.chromium() as running:
        yield running


@pytest.fixture
def page(browser, site):
    """The page's first view on a phone."""
    with browser_on.opened(browser) as context:
        page = context.new_page()
        page.goto(site.address)
        page.wait_for_selector(".card")
        yield page


@pytest.fixture
def bare(server):
    """The server without any jobs or files."""
    for job in server.get("api/jobs").data:
        server.ask("DELETE", f"api/jobs/{job['job']}")
    wait_for(lambda: len(below(server.process.pid)) <= 1)  # one waits for the next job
    for path in server.sessions.glob("*"):  # what a worker that was killed has left, which would be swept in an hour
        path.unlink()
    return server
