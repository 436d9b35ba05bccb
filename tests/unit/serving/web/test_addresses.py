"""The list of open addresses against the routes that the app really has."""

import re

import pytest

from serving.web import addresses
from serving.web.addresses import OPEN, meant
from tests.support import gradio_routes

CLOSED = (
    "/gradio_api/process_recording",
    "/gradio_api/proxy=https://example.org",
    "/gradio_api/file/etc/passwd",
    "/gradio_api/component_server",
    "/gradio_api/deep_link",
    "/gradio_api/vibe-edit",
    "/gradio_api/vibe-code",
    "/gradio_api/dev/reload",
    "/gradio_api/stream/x",
    "/gradio_api/token",
    "/gradio_api/user",
    "/gradio_api/queue/status",
    "/gradio_api/runs",
    "/gradio_api/api/predict",
    "/gradio_api/openapi.json",
    "/openapi.json",
    "/docs",
    "/redoc",
    "/login",
    "/monitoring",
    "/monitoring/summary",
    "/custom_component/a/b/c/d",
    "//",
    "/Samples/x",
)


@pytest.fixture(scope="module")
def paths() -> set[str]:
    """The paths of all routes of an app that is launched as ours, with x for what varies in them."""
    return gradio_routes.paths()


@pytest.mark.parametrize("path", CLOSED)
def test_what_the_page_does_not_use_is_closed(path: str):
    assert meant(path) is None


def test_every_route_of_the_app_is_either_listed_or_known_to_be_closed(paths: set[str]):
    """A new Gradio may bring routes: each is looked at before it is open, or stays closed."""
    known = {re.sub(r"\{[^}]*\}", "x", path) for path in CLOSED_ROUTES}
    assert {path for path in paths if meant(path) is None} - known == set()


def test_every_entry_for_gradio_opens_a_route_that_gradio_has(paths: set[str]):
    elsewhere = {"/login/huggingface", "/login/callback"}  # on a Space
    named = {address.path for address in OPEN} - elsewhere - {address.path for address in _of_app()}
    ratings = {path for path in named if path.startswith("/gradio_api/run/rating_")}
    assert {path for path in named if not any(there.startswith(path.rstrip("*")) for there in paths)} == ratings


def _of_app() -> list[addresses.Address]:
    """The entries for routes that app.py adds; the app checks them when it starts."""
    first = next(number for number, address in enumerate(OPEN) if address.path == "/samples/*")
    return list(OPEN[first:])


def test_an_app_with_a_route_that_is_not_listed_does_not_start():
    with pytest.raises(ValueError, match=r"/secret/\{page\} is not among the open addresses"):
        addresses.check(["/samples/{kind}/{file}", "/secret/{page}"])


def test_a_method_that_an_address_does_not_take_is_refused():
    upload = meant("/gradio_api/upload")
    assert upload is not None
    assert upload.takes("POST")
    assert upload.takes("OPTIONS")
    assert not upload.takes("GET")
    assert not upload.takes("DELETE")


def test_a_votes_answer_may_be_small_and_an_owners_archive_large():
    answer, archive = meant("/gradio_api/run/rating_answer"), meant("/gradio_api/run/rating_upload")
    assert answer is not None
    assert archive is not None
    assert answer.body == addresses.RATING
    assert archive.body == addresses.ARCHIVE


@pytest.mark.parametrize("path", ["/gradio_api/heartbeat/a\0b", "/c/\n", "/lecture/\x7f", "/assets/" + "ü" * 128])
def test_a_path_that_can_be_no_file_and_no_address_is_closed(path: str):
    assert meant(path) is None
    assert meant("/assets/" + "x" * 255) is not None


CLOSED_ROUTES = {
    "/gradio_api/user",
    "/gradio_api/user/",
    "/gradio_api/login_check",
    "/gradio_api/login_check/",
    "/gradio_api/token",
    "/gradio_api/token/",
    "/gradio_api/app_id/",
    "/gradio_api/dev/reload",
    "/login",
    "/login/",
    "/gradio_api/runs",
    "/gradio_api/runs/",
    "/gradio_api/deep_link",
    "/gradio_api/openapi.json",
    "/config/",
    "/gradio_api/custom_component/{id}/{environment}/{type}/{file_name}",
    "/gradio_api/proxy={url_path:path}",
    "/gradio_api/stream/{event_id}",
    "/gradio_api/stream/{event_id}/close",
    "/gradio_api/stream/{session_hash}/{run}/{component_id}/playlist.m3u8",
    "/gradio_api/stream/{session_hash}/{run}/{component_id}/{segment_id}.{ext}",
    "/gradio_api/stream/{session_hash}/{run}/{component_id}/playlist-file",
    "/gradio_api/file/{path:path}",
    "/gradio_api/reset/",
    "/gradio_api/api/{api_name}",
    "/gradio_api/api/{api_name}/",
    "/gradio_api/component_server",
    "/gradio_api/component_server/",
    "/gradio_api/queue/status",
    "/pwa_icon",
    "/pwa_icon/{size}",
    "/monitoring",
    "/monitoring/summary",
    "/monitoring/{key}",
    "/gradio_api/process_recording",
    "/gradio_api/vibe-edit/",
    "/gradio_api/vibe-edit",
    "/gradio_api/undo-vibe-edit/",
    "/gradio_api/undo-vibe-edit",
    "/gradio_api/vibe-code/",
    "/gradio_api/vibe-code",
    "/gradio_api/vibe-starter-queries/",
    "/gradio_api/vibe-starter-queries",
    "/openapi.json",
    "/docs",
    "/docs/oauth2-redirect",
    "/redoc",
    "/gradio_api/run-history/connect",
    "/gradio_api/run-history/buckets",
    "/gradio_api/run-history/records",
    "/gradio_api/run-history/records/{endpoint}/{record_id}/assets/{asset_id}",
}
