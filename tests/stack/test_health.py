"""GET /health says that the API answers and which version runs, to anyone, and nothing else."""

from headshot import __version__


def test_health_says_ok_and_the_version(stranger):
    answer = stranger.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "version": __version__}
    assert answer.headers["Cache-Control"] == "no-store"


def test_head_has_the_headers_of_get_and_no_body(stranger):
    answer = stranger.head("/health")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Type"] == "application/json"
