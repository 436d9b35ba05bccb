"""An OpenID provider on 127.0.0.1 like that of Hugging Face: authorisation codes, signed identities, profiles."""

from __future__ import annotations

import base64
import contextlib
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlencode

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.support.app_server import free_port

CLIENT_ID = "a-space"
CLIENT_SECRET = "a-secret-of-the-space"
SCOPES = "openid profile"


@dataclass
class Provider:
    """The state of the provider: the request behind each code, and the user of each token."""

    url: str
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "tests", "use": "sig"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """The environment variables of a Space with `hf_oauth: true`."""
        return {
            "SYSTEM": "spaces",
            "SPACE_ID": "somebody/just-look",
            "OAUTH_CLIENT_ID": CLIENT_ID,
            "OAUTH_CLIENT_SECRET": CLIENT_SECRET,
            "OAUTH_SCOPES": SCOPES,
            "OPENID_PROVIDER_URL": self.url,
        }

    def claims(self, name: str) -> dict[str, str]:
        """The profile of a user, with the fields that Hugging Face sends."""
        profile = f"{self.url}/{name}"
        return {
            "sub": name,
            "name": name.title(),
            "preferred_username": name,
            "profile": profile,
            "picture": f"{profile}.png",
        }


@contextlib.contextmanager
def running_provider() -> Iterator[Provider]:
    """Run the provider in a thread, yield its state, then stop it."""
    provider = Provider(f"http://127.0.0.1:{free_port()}")
    port = int(provider.url.rsplit(":", 1)[1])
    server = uvicorn.Server(uvicorn.Config(_app(provider), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield provider
    finally:
        server.should_exit = True
        thread.join()


def _app(provider: Provider) -> FastAPI:
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    def _configuration() -> dict[str, Any]:
        url = provider.url
        return {
            "issuer": url,
            "authorization_endpoint": f"{url}/oauth/authorize",
            "token_endpoint": f"{url}/oauth/token",
            "userinfo_endpoint": f"{url}/oauth/userinfo",
            "jwks_uri": f"{url}/oauth/jwks",
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    @app.get("/oauth/jwks")
    def _keys() -> dict[str, Any]:
        return {"keys": [provider.key.as_dict(private=False)]}

    @app.get("/oauth/authorize")
    def _consent(client_id: str, redirect_uri: str, state: str, scope: str, nonce: str, response_type: str) -> Any:
        if (client_id, scope, response_type) != (CLIENT_ID, SCOPES, "code"):
            raise HTTPException(400)
        fields = {"redirect_uri": redirect_uri, "state": state, "nonce": nonce}
        hidden = "".join(f'<input type="hidden" name="{k}" value="{escape(v)}">' for k, v in fields.items())
        return HTMLResponse(
            f'<title>Sign in</title><form method="post" action="allow"><label>Name <input name="name"></label>{hidden}'
            "<button>Allow</button></form>"
        )

    @app.post("/oauth/allow")
    async def _allow(request: Request) -> Any:
        fields = await _form(request)
        code = secrets.token_urlsafe()
        provider.codes[code] = fields
        joint = "&" if "?" in fields["redirect_uri"] else "?"
        back = urlencode({"code": code, "state": fields["state"]})
        return RedirectResponse(f"{fields['redirect_uri']}{joint}{back}", status_code=303)

    @app.post("/oauth/token")
    async def _token(request: Request) -> dict[str, Any]:
        fields = await _form(request)
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        authorised = provider.codes.pop(fields.get("code", ""), None)  # a code is valid once
        if request.headers.get("authorization") != f"Basic {basic}" or authorised is None:
            raise HTTPException(401)
        if fields["redirect_uri"] != authorised["redirect_uri"]:
            raise HTTPException(400)
        token, now = secrets.token_urlsafe(), int(time.time())
        provider.tokens[token] = authorised["name"]
        claims = {
            **provider.claims(authorised["name"]),
            "iss": provider.url,
            "aud": CLIENT_ID,
            "nonce": authorised["nonce"],
        }
        identity = jwt.encode({"alg": "RS256", "kid": "tests"}, {**claims, "iat": now, "exp": now + 600}, provider.key)
        return {"access_token": token, "token_type": "bearer", "expires_in": 600, "id_token": identity, "scope": SCOPES}

    @app.get("/oauth/userinfo")
    def _userinfo(request: Request) -> dict[str, str]:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in provider.tokens:
            raise HTTPException(401)
        return provider.claims(provider.tokens[token])

    return app


async def _form(request: Request) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs((await request.body()).decode()).items()}
