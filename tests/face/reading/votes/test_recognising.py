"""Which columns are taken for votes, by their names as public tables have them."""

import pytest

from recurate.reading.votes.recognising import (
    VoteColumns,
    looks_like_votes,
    recognised,
    scored_pair,
    scores_of_two,
)


@pytest.mark.parametrize(
    ("fields", "kind", "items", "votes"),
    [
        ("question_id model_a model_b winner judge turn", "pair", "model_a model_b", "winner"),
        ("model_1 model_2 g1_winner g2_winner", "pair", "model_1 model_2", "g1_winner g2_winner"),
        ("generator_1 output_1 generator_2 output_2 preference", "pair", "generator_1 generator_2",
         "preference"),
        ("response_a_model response_b_model label", "pair", "response_a_model response_b_model",
         "label"),
        ("modelA modelB Winner", "pair", "modelA modelB", "Winner"),
        ("left right choice", "pair", "left right", "choice"),
        ("a b verdict", "pair", "a b", "verdict"),
        ("player1 player2 result", "pair", "player1 player2", "result"),
        ("model_a model_b conversation_a conversation_b human_preference", "pair",
         "model_a model_b", "human_preference"),
        (
            "id model_a model_b prompt response_a response_b winner_model_a winner_model_b "
            "winner_tie",
            "one-hot",
            "model_a model_b",
            "winner_model_a winner_model_b winner_tie",
        ),
        ("winner loser", "won", "winner loser", ""),
        ("Winner Loser Draw", "won", "Winner Loser", "Draw"),
        ("prompt chosen rejected chosen_model rejected_model", "won",
         "chosen_model rejected_model", ""),
        ("preferred other", "won", "preferred other", ""),
        ("idx cmp_key annotator1 annotator2", "key", "", "annotator1 annotator2"),
        ("prompt model rank", "set", "model", ""),
        ("prompt models winner", "set", "models", "winner"),
    ],
)  # fmt: skip
def test_columns_are_found_by_their_names(fields, kind, items, votes):
    found = recognised(fields.split())
    assert found is not None
    assert (found.kind, found.items, found.votes) == (
        *(kind, tuple(items.split()), tuple(votes.split())),
    )


@pytest.mark.parametrize(
    "fields",
    [
        "reward group",
        "model win_rate standard_error avg_length",
        "question rewards correct lengths",
        "prompt model rater_a rater_b rater_c",
        "model item_id worker_id answer",
        "model_id elo votes",
        "prompt response label",
        "score_a score_b",
        "reward_model_1 reward_model_2",
        "annotator_id annotator_2 reward",
    ],
)
def test_other_tables_are_not_taken_for_votes(fields):
    assert recognised(fields.split()) is None
    assert looks_like_votes(fields.split()) is None


@pytest.mark.parametrize(
    ("fields", "command"),
    [
        ("model_a model_b winner", "recurate votes"),
        ("winner loser", "recurate votes"),
        ("chosen_model rejected_model", "recurate votes"),
        ("prompt chosen rejected", None),  # texts of answers, as a rule
        ("prompt model rank", None),  # a leaderboard has ranks too
        ("chosen_reward rejected_reward", "recurate calibrate"),
        ("prompt chosen rejected score_chosen score_rejected", "recurate calibrate"),
        ("reward_a reward_b winner", "recurate calibrate"),
    ],
)
def test_the_command_for_a_table_without_rewards(fields, command):
    assert looks_like_votes(fields.split()) == command


@pytest.mark.parametrize(
    ("fields", "chosen", "rejected"),
    [
        ("chosen_reward rejected_reward", "chosen_reward", "rejected_reward"),
        ("score_chosen score_rejected", "score_chosen", "score_rejected"),
        ("chosen-rating rejected-rating chosen-model rejected-model", "chosen-rating",
         "rejected-rating"),
        ("winner_score loser_score", "winner_score", "loser_score"),
        ("chosen_avg_rating rejected_avg_rating", "chosen_avg_rating", "rejected_avg_rating"),
        ("chosen_rm_score rejected_rm_score", "chosen_rm_score", "rejected_rm_score"),
        ("rewardChosen rewardRejected", "rewardChosen", "rewardRejected"),
    ],
)  # fmt: skip
def test_rewards_of_the_chosen_and_the_rejected(fields, chosen, rejected):
    assert scored_pair(fields.split()) == (chosen, rejected)
    assert recognised(["chosen_reward", "rejected_reward"]) is None


def test_rewards_of_two():
    assert scores_of_two(["reward_a", "reward_b", "x"]) == ("reward_a", "reward_b")
    assert scores_of_two(["score_1", "score_2"]) == ("score_1", "score_2")
    assert scores_of_two(["reward_a", "score_b"]) is None


def test_what_is_found_is_the_first_of_the_likeliest():
    fields = ["option_a", "option_b", "model_a", "model_b", "label", "winner"]
    assert recognised(fields) == VoteColumns("pair", ("model_a", "model_b"), ("winner",))
