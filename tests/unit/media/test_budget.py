import threading

import pytest

from media.budget import Budget, BudgetError


def test_what_fits_is_held_at_the_same_time():
    budget = Budget(100, patience_s=0.01)
    with budget.holding(60), budget.holding(40):
        pass


def test_what_does_not_fit_is_refused_and_takes_nothing():
    budget = Budget(100, patience_s=0.01)
    with budget.holding(60):
        with pytest.raises(BudgetError), budget.holding(41):
            pass
        with budget.holding(40):
            pass


def test_what_does_not_fit_waits_until_there_is_room():
    budget, held, go_on, order = Budget(100, patience_s=20), threading.Event(), threading.Event(), []

    def first() -> None:
        with budget.holding(60):
            held.set()
            go_on.wait(20)
            order.append("first")

    holder = threading.Thread(target=first)
    holder.start()
    held.wait(20)
    threading.Timer(0.05, go_on.set).start()
    with budget.holding(60):
        order.append("second")
    holder.join()
    assert order == ["first", "second"]


def test_more_than_there_is_waits_until_it_is_alone():
    budget = Budget(100, patience_s=0.01)
    with budget.holding(1000), pytest.raises(BudgetError), budget.holding(1):
        pass
    with budget.holding(1), pytest.raises(BudgetError), budget.holding(1000):
        pass
