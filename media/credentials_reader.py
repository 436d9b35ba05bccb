"""Reads the Content Credentials of one file; for a stranger's, `media/credentials.py` starts it as a process.

Standard input: a line of JSON with the file's type and the certificates to trust, then the file. Standard output: JSON.
"""

from __future__ import annotations

import contextlib
import json
import sys
from typing import Any

MEMORY, SECONDS = 2_000_000_000, 8  # bytes of addresses, and of a processor's time
MOST = 20  # entries of a list that are passed on
INFORMS = "signingCredential.untrusted"  # that nobody vouches for the signer says nothing against the signature


def main() -> None:
    """Answer one request."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # not on Windows

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    request = json.loads(sys.stdin.buffer.readline())
    answer = read(sys.stdin.buffer.read(), request["type"], request["anchors"])
    sys.stdout.write(json.dumps(answer))


def read(content: bytes, kind: str, anchors: str) -> dict[str, Any]:
    """The credentials' state and what they say; `anchors` are the certificates to trust, as PEM."""
    import io

    import c2pa

    settings = {
        "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": True},
        "trust": {"user_anchors": anchors},
    }
    context = c2pa.Context(settings=c2pa.Settings.from_dict(settings))
    try:
        report = json.loads(c2pa.Reader(kind, io.BytesIO(content), context=context).json())
    except c2pa.C2paError.ManifestNotFound:
        return {"state": "none"}
    except c2pa.C2paError.RemoteManifest:
        return {"state": "elsewhere"}
    except Exception as error:
        return {"state": "elsewhere" if "remote" in str(error).lower() else "broken"}
    return _summary(report)


def _summary(report: dict[str, Any]) -> dict[str, Any]:
    manifest = report["manifests"][report["active_manifest"]]
    results = report.get("validation_results", {}).get("activeManifest", {})
    failures = [entry["code"] for entry in results.get("failure", []) if entry["code"] != INFORMS]
    signature = manifest.get("signature_info", {})
    generators = manifest.get("claim_generator_info") or [{}]
    actions = [
        (action.get("action", ""), action.get("digitalSourceType", ""))
        for assertion in manifest.get("assertions", [])
        if str(assertion.get("label", "")).startswith("c2pa.actions")
        for action in assertion.get("data", {}).get("actions", [])
    ]
    return {
        "state": "mismatch" if failures or report.get("validation_state") == "Invalid" else "valid",
        "trusted": report.get("validation_state") == "Trusted",
        "serial": signature.get("cert_serial_number"),
        "signer": signature.get("common_name") or signature.get("issuer"),
        "generator": generators[0].get("name") or manifest.get("claim_generator"),
        "actions": actions[:MOST],
        "failures": failures[:MOST],
    }


if __name__ == "__main__":
    main()
