"""A small OpenID provider on this machine, at which everybody is whoever the test says."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "digit-duel"


class Provider:
    """claims: what the provider says of whoever comes next, such as email and email_verified."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.claims: dict[str, object] = {}
        self.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
        self.nonce = ""

    def metadata(self) -> dict[str, object]:
        """Where everything is."""
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def token(self) -> dict[str, object]:
        """The answer to a code."""
        now = int(time.time())
        said = {"iss": self.address, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 60, "nonce": self.nonce}
        signed = jwt.encode({"alg": "RS256", "kid": "1"}, {**said, **self.claims}, self.key)
        return {"access_token": "x", "token_type": "Bearer", "id_token": signed}

    def secrets(self) -> str:
        """The section [auth] of Streamlit's secrets for this provider."""
        values = {
            "redirect_uri": "http://127.0.0.1:{port}/oauth2callback",
            "cookie_secret": "a secret that nobody guesses, of some length",
            "client_id": CLIENT,
            "client_secret": "x",
            "server_metadata_url": f"{self.address}/.well-known/openid-configuration",
        }
        return "[auth]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())


@contextmanager
def openid_provider() -> Iterator[Provider]:
    """A provider that answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
            if path == "/authorize":
                provider.nonce = query["nonce"][0]
                self.send_response(302)
                answer = urlencode({"code": "1", "state": query["state"][0]})
                self.send_header("Location", f"{query['redirect_uri'][0]}?{answer}")
                self.end_headers()
            else:
                self.answer(provider.metadata() if "openid" in path else {"keys": [provider.key.as_dict()]})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(provider.token())

        def answer(self, value: object) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(value).encode())

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = Provider(f"http://127.0.0.1:{server.server_port}")
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
