"""docs/cost.md says what the template costs."""

import pytest

from bench import bill, cost_page
from bench.bill import times, total
from bench.prices import MILLION
from tests.unit.template import PROJECT, RESOURCES

GUIDE = (PROJECT / "docs/guide.md").read_text("utf-8")


def test_the_page_is_what_make_cost_writes():
    assert (PROJECT / "docs/cost.md").read_text("utf-8") == cost_page.page()


def test_the_guide_has_the_figures_of_the_page():
    for people in (500, 1_000, 100_000):
        assert f"{sum(map(total, bill.monthly(people).values())):.2f}" in GUIDE
    assert f"costs {total(times(100_000, bill.PICTURE)):.2f} once" in GUIDE


def test_a_read_is_one_request_one_run_one_object_and_one_line():
    """25 ms at 512 MB; the line is that of the template with the values of a usual request."""
    assert total(times(MILLION, bill.READ)) == pytest.approx(1 + 0.2 + 0.025 * 0.5 * 13.3334 + 0.4 + 0.207)


def test_memory_is_the_functions_own_or_the_default():
    assert (bill.memory_gb("ServeFunction"), bill.memory_gb("PublishFunction")) == (0.5, 0.25)


def test_the_line_of_a_read_has_every_field_of_the_access_log():
    """Without a value, `REQUEST[...]` raises KeyError."""
    assert bill.access_log_bytes() > len(RESOURCES["Api"]["Properties"]["AccessLogSettings"]["Format"]) / 2


def test_ten_times_the_people_pay_ten_times_what_is_not_fixed():
    small, large = bill.monthly(1_000), bill.monthly(10_000)
    assert small["fixed"] == large["fixed"]
    for part in small.keys() - {"fixed"}:
        assert total(large[part]) == pytest.approx(10 * total(small[part]))
