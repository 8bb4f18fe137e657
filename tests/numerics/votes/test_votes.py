"""Votes from labels and from codes, and what is refused."""


from recurate.numerics.votes.votes import Votes


def test_items_are_numbered_those_chosen_first():
    votes = Votes.of(["b", "a", "b"], ["c", ["c", "b"], "a"], weights=[1, 2, 0.5])
    assert votes.items == ("b", "a", "c")
    assert votes.chosen.tolist() == [0, 1, 0]
    assert votes.others.tolist() == [2, 2, 0, 1]
    assert votes.starts.tolist() == [0, 1, 3, 4]
    assert votes.weights.tolist() == [1, 2, 0.5]
    assert votes.count == 3
    assert (votes.cluster_is, votes.clusters) == ("vote", 3)
    every, starts = votes.alternatives
    assert every.tolist() == [0, 2, 1, 2, 0, 0, 1]
    assert starts.tolist() == [0, 2, 5, 7]
