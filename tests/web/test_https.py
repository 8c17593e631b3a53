"""HTTPS: a certificate is checked before anything is served with it, and the page it serves is an app."""

import http.client
import shutil
import ssl
import subprocess
import sys

import browser as browser_on
import pytest
from page_server import PageServer, started, wait_for
from playwright.sync_api import expect

pytestmark = pytest.mark.real("openssl")


class Tls:
    """Certificates and keys in a folder, made by openssl."""

    def __init__(self, folder):
        self.folder = folder
        self.cert, self.key = self.make("good", "DNS:localhost,IP:127.0.0.1")

    def openssl(self, *words):
        subprocess.run(["openssl", *map(str, words)], cwd=self.folder, check=True, capture_output=True)

    def make(self, name, hosts):
        cert, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        self.openssl(
            *"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=tried".split(),
            *("-addext", f"subjectAltName={hosts}", "-keyout", key, "-out", cert),
        )
        return cert, key


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    return Tls(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def secure(tls, tmp_path_factory):
    command = [
        sys.executable,
        "-m",
        "audioguide",
        "serve",
        "--port",
        "0",
        "--cert",
        str(tls.cert),
        "--key",
        str(tls.key),
    ]
    with PageServer(tmp_path_factory.mktemp("secure"), command=command) as running:
        yield running


def ask(server, tls, path="", method="GET", **headers):
    trusted = ssl.create_default_context(cafile=tls.cert)
    client = http.client.HTTPSConnection(server.host, server.port, timeout=60, context=trusted)
    client.request(method, server.base + path, headers={name.replace("_", "-"): it for name, it in headers.items()})
    reply = client.getresponse()
    reply.read()
    client.close()
    return reply


def test_the_page_is_served_to_who_trusts_the_certificate(secure, tls):
    assert secure.address.startswith("https://127.0.0.1:")
    assert ask(secure, tls).status == 200
    own = secure.address.rstrip("/")
    assert ask(secure, tls, "api/jobs/x", "DELETE", Origin=own).status == 404
    assert ask(secure, tls, "api/jobs/x", "DELETE", Origin=own.replace("https", "http")).status == 403
    assert ask(secure, tls, Host=f"localhost:{secure.port}").status == 200
    assert ask(secure, tls, Host="evil.example").status == 400
    with secure.connect() as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200" not in plain.recv(1000)
    assert ask(secure, tls).status == 200


@pytest.mark.parametrize(
    ("cert", "key", "time", "message"),
    [
        ("no.pem", "good.key", "", "There is no file no.pem. "),
        ("good.pem", "no.key", "", "There is no file no.key. "),
        (".", "good.key", "", ". is a folder. "),
        ("good.key", "good.key", "", "good.key holds no certificate in PEM. "),
        ("good.pem", None, "", "good.pem holds no private key in PEM. "),
        ("good.pem", "other.key", "", "The key in other.key is not that of good.pem. "),
        ("good.pem", "locked.key", "", "The key in locked.key is encrypted. "),
        ("torn.pem", "good.key", "", "torn.pem with good.key cannot be used: "),
        ("good.pem", "good.key", "2100-01-01", "The certificate in good.pem expired on 2"),
        (None, "good.key", "", "--key is the key of a certificate. Add --cert FILE."),
    ],
)
def test_what_cannot_be_served_is_told(tls, monkeypatch, cert, key, time, message):
    from audioguide.errors import RequestError
    from audioguide.web.certificate import read_certificate

    tls.make("other", "DNS:other")
    tls.openssl("pkey", "-in", tls.key, "-aes128", "-passout", "pass:x", "-out", "locked.key")
    (tls.folder / "torn.pem").write_text(tls.cert.read_text()[:300])
    monkeypatch.chdir(tls.folder)
    if time:
        monkeypatch.setenv("AUDIOGUIDE_NOW", time)
    with pytest.raises(RequestError) as raised:
        read_certificate(cert, key)
    assert str(raised.value).startswith(message)


@pytest.mark.slow
def test_the_command_refuses_it_in_one_line(tls):
    command = [sys.executable, "-m", "audioguide", "send", "taster", "--cert", "good.pem", "--key", "no.key"]
    done = subprocess.run(command, cwd=tls.folder, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@pytest.mark.parametrize(
    ("hosts", "local", "lan"),
    [
        ("DNS:box.tail1234.ts.net", "127.0.0.1", "box.tail1234.ts.net"),
        ("DNS:localhost,DNS:box.local,IP:192.0.2.7", "localhost", "192.0.2.7"),
        ("DNS:box.local,IP:192.0.2.9,DNS:localhost", "localhost", "box.local"),
        ("DNS:*.example.org", "127.0.0.1", "192.0.2.7"),
        ("IP:127.0.0.1", "127.0.0.1", "192.0.2.7"),
    ],
)
def test_links_name_a_host_that_the_certificate_is_for(tls, hosts, local, lan):
    from audioguide.web.certificate import read_certificate

    cert = read_certificate(*map(str, tls.make("named", hosts)))
    assert (cert.choose_host("127.0.0.1", True), cert.choose_host("192.0.2.7", False)) == (local, lan)


@pytest.mark.slow
@pytest.mark.real("chromium")
def test_the_page_over_https_is_an_app(browser, tls, tmp_path):
    """Behind its secret, on the network; Chromium's own check finds nothing that keeps it from being installed."""
    certificate = f"read_certificate({str(tls.cert)!r}, {str(tls.key)!r})"
    command = started("127.0.0.2")
    command[-1] = "from audioguide.web.certificate import read_certificate\n" + command[-1][:-1] + f", {certificate})"
    args = [*browser_on.QUIET, "--ignore-certificate-errors"]  # as where the certificate is trusted
    trusting = browser.browser_type.launch(executable_path=shutil.which("chromium"), args=args)
    with (
        PageServer(tmp_path, command=command) as server,
        browser_on.opened(trusting, service_workers="allow") as context,
    ):
        page = context.new_page()
        page.goto(server.address)
        expect(page.locator(".card").first).to_be_visible()
        assert page.evaluate("isSecureContext && 'wakeLock' in navigator")
        assert page.evaluate("navigator.serviceWorker.ready.then((it) => it.scope)") == server.address
        tools = context.new_cdp_session(page)
        manifest = tools.send("Page.getAppManifest")
        assert manifest["errors"] == []
        assert '"standalone"' in manifest["data"]
        faults = lambda: tools.send("Page.getInstallabilityErrors")["installabilityErrors"]  # noqa: E731
        wait_for(lambda: [it["errorId"] for it in faults() if it["errorId"] != "in-incognito"] == [])
        wait_for(lambda: page.evaluate("caches.match('./').then(Boolean)"))
        context.set_offline(True)
        page.reload()
        expect(page.locator(".card, h1").first).to_be_visible()
    trusting.close()
