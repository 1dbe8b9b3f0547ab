from __future__ import annotations

import math

from lstmsize.forms import choose_form, plan_trials

NAMES = ["level", "difference", "correction"]


def test_every_form_is_first_tried_on_the_latest_fold():
    assert plan_trials({}, NAMES, 3) == [("level", 0), ("difference", 0), ("correction", 0)]


def test_only_forms_near_the_best_are_tried_on_the_other_folds():
    losses = {"level": {0: 2.0}, "difference": {0: 1.0}, "correction": {0: 1.1}}
    assert plan_trials(losses, NAMES, 3) == [
        ("difference", 1),
        ("correction", 1),
        ("difference", 2),
        ("correction", 2),
    ]


def test_two_forms_are_tried_on_the_folds_that_are_left_at_once_and_more_fold_by_fold():
    losses = {"level": {0: 1.05}, "difference": {0: 1.0}, "correction": {0: 1.1}}
    assert plan_trials(losses, NAMES, 3) == [("level", 1), ("difference", 1), ("correction", 1)]
    losses = {"level": {0: 1.05, 1: 1.2}, "difference": {0: 1.0, 1: 1.0}, "correction": {0: 1.1, 1: 0.9}}
    assert plan_trials(losses, NAMES, 3) == [("difference", 2), ("correction", 2)]  # level is 12.5 % behind
    losses = {"level": {0: 1.05, 1: 1.0}, "difference": {0: 1.0, 1: 1.0}, "correction": {0: 1.1, 1: 0.9}}
    assert plan_trials(losses, NAMES, 3) == [("level", 2), ("difference", 2), ("correction", 2)]
    assert plan_trials({name: {0: 1.0, 1: 1.0, 2: 1.0} for name in NAMES}, NAMES, 3) == []


def test_the_lowest_mean_of_the_fully_tried_forms_wins():
    losses = {"level": {0: 1.3}, "difference": {0: 1.0, 1: 1.0}, "correction": {0: 1.1, 1: 0.8}}
    assert choose_form(losses, NAMES) == "correction"


def test_trials_that_a_budget_ended_are_compared_on_what_all_forms_near_the_best_have_had():
    assert choose_form({"level": {0: 1.0, 1: 1.0}, "difference": {0: 0.88}}, NAMES[:2]) == "difference"
    losses = {"level": {0: 1.0, 1: 0.5}, "difference": {0: 0.98}, "correction": {0: 0.99, 1: 0.9}}
    assert choose_form(losses, NAMES) == "difference"
    losses = {"level": {0: 1.0, 1: 0.9, 2: 0.9}, "difference": {0: 1.0, 1: 0.88}, "correction": {0: 2.0}}
    assert choose_form(losses, NAMES) == "difference"


def test_a_near_tie_goes_to_the_plainer_form():
    losses = {"level": {0: 1.003}, "difference": {0: 1.0}, "correction": {0: 1.2}}
    assert choose_form(losses, NAMES) == "level"


def test_a_failed_form_is_never_chosen():
    losses = {"level": {0: math.inf}, "difference": {0: 3.0}}
    assert plan_trials(losses, NAMES[:2], 2) == [("difference", 1)]
    assert choose_form({"level": {0: math.inf}, "difference": {0: 3.0, 1: 3.0}}, NAMES[:2]) == "difference"


def test_a_tie_is_half_a_percent_and_the_second_margin_five() -> None:
    assert choose_form({"level": {0: 1.008}, "difference": {0: 1.0}}, NAMES[:2]) == "difference"
    losses = {"level": {0: 1.05, 1: 1.10}, "difference": {0: 1.0, 1: 1.0}, "correction": {0: 1.0, 1: 1.0}}
    assert plan_trials(losses, NAMES, 3) == [("difference", 2), ("correction", 2)]
