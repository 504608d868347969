import pytest

from local.gateway import decode


@pytest.mark.parametrize(
    ("sent", "delivered"),
    [
        ("/capture/plain", "/capture/plain"),
        ("/capture/space%20value", "/capture/space value"),
        ("/capture/question%3Fvalue", "/capture/question"),
        ("/capture/percent%25done", None),
        ("/capture/hash%23value", "/capture/hash#value"),
        ("/capture/slash%2Fvalue", "/capture/slash/value"),
        ("/capture/unicode-%CE%BB", "/capture/unicode-λ"),
        ("/capture/literal%252Fvalue", "/capture/literal/value"),
        ("/capture/literal%253Fvalue", "/capture/literal?value"),
        ("/capture/literal%2525value", "/capture/literal%value"),
        ("/capture/literal%25252Fvalue", "/capture/literal%2Fvalue"),
    ],
)
def test_paths_are_decoded_as_live_apis_decode_them(sent, delivered):
    assert decode(sent) == delivered
