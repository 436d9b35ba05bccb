"""Who is signed in with Hugging Face, at an address beside Gradio's."""

from __future__ import annotations

import math
import time

from starlette.requests import Request


def signed_in(request: Request) -> str | None:
    """Return the name of whoever is signed in with Hugging Face; None for all others."""
    session = request.scope.get("session")  # Gradio's, where the app has a sign-in
    known = session.get("oauth_info") if session else None
    if known is None or (known.get("expires_at") or math.inf) < time.time():
        return None
    return str(known["userinfo"]["preferred_username"])
