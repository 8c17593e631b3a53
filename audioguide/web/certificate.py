"""The certificate for HTTPS: its files, checked before anything is served with them, and the names that it is for."""

import ssl
from _ssl import _test_decode_cert  # type: ignore[attr-defined]  # Python has no public function that reads a certificate
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from audioguide.errors import RequestError
from audioguide.system import clock
from audioguide.system.files import read_bytes

_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Certificate:
    """Files of a certificate and its key in PEM, which fit; `names` and `addresses` are the hosts that it is for."""

    file: str
    key: str
    names: tuple[str, ...]
    addresses: tuple[str, ...]

    def choose_host(self, address: str, local: bool) -> str:
        """The host that a link to `address` should name, so that a browser accepts the certificate there."""
        names = [name for name in self.names if "*" not in name and (name == "localhost") == local]
        return address if address in self.addresses or not names else names[0]


def read_certificate(file: str | None, key: str | None) -> Certificate | None:
    """The certificate in a file, with its key there or in another one. RequestError for what cannot be served."""
    if file is None:
        if key is not None:
            raise RequestError("--key is the key of a certificate.", "Add --cert FILE.")
        return None
    key = key or file
    for path, kind, mark in ((file, "certificate", b"BEGIN CERTIFICATE"), (key, "private key", b"PRIVATE KEY")):
        if mark not in read_bytes(Path(path), _MOST_BYTES, kind, "Give --cert and --key the two that belong together."):
            raise RequestError(f"{path} holds no {kind} in PEM.", "Give --cert and --key the two that belong together.")

    def refuse_password() -> str:
        raise RequestError(f"The key in {key} is encrypted.", "Remove the password: openssl pkey -in KEY -out PLAIN.")

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file, key, refuse_password)
    except ssl.SSLError as error:
        fault = f"{file} with {key} cannot be used: {error.reason or 'one of them is damaged'}."
        if error.reason == "KEY_VALUES_MISMATCH":
            fault = f"The key in {key} is not that of {file}."
        raise RequestError(fault, "Name the two that were made together.") from None
    facts: dict[str, Any] = _test_decode_cert(file)
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(facts["notAfter"]), UTC)
    if end <= clock.now():
        raise RequestError(f"The certificate in {file} expired on {end:%Y-%m-%d}.", "Renew it, then try again.")
    found = [(kind, name.lower()) for kind, name in facts.get("subjectAltName", ())]
    hosts = (tuple(name for kind, name in found if kind == wanted) for wanted in ("DNS", "IP Address"))
    return Certificate(file, key, *hosts)
