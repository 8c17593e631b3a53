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
    if b"BEGIN CERTIFICATE" not in read_bytes(Path(file), _MOST_BYTES, "certificate", "Make one with mkcert."):
        raise RequestError(f"{file} holds no certificate in PEM.", "Name the file that begins with BEGIN CERTIFICATE.")
    if b"PRIVATE KEY" not in read_bytes(Path(key), _MOST_BYTES, "key", "It was made with the certificate."):
        raise RequestError(f"{key} holds no private key in PEM.", "Name the file of the key with --key.")

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
    begin, end = (ssl.cert_time_to_seconds(facts[name]) for name in ("notBefore", "notAfter"))
    if not begin <= clock.now().timestamp() < end:
        fault = (
            f"expired on {_date(end)}" if clock.now().timestamp() >= end else f"is valid only from {_date(begin)} on"
        )
        raise RequestError(f"The certificate in {file} {fault}.", "Renew it, or check this machine's clock.")
    found = [(kind, name.lower()) for kind, name in facts.get("subjectAltName", ())]
    hosts = (tuple(name for kind, name in found if kind == wanted) for wanted in ("DNS", "IP Address"))
    return Certificate(file, key, *hosts)


def _date(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
