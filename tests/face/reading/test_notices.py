"""Remarks on a table: where they are made, and where not."""

import json

import pandas as pd
import pytest

from recurate.errors import InputError

PROMPTED = "{},reward\n" + "".join(f"{p},{2 * i}\n" for i, p in enumerate("aabbccdd"))
LISTS = (
    "the entries of a list are candidates of its row's prompt; --lists raters if they are ratings "
    "of one candidate"
)
RATED = "{},reward,{}\n" + "".join(f"{p},{i},w{i % 2}\n" for i, p in enumerate("aabbccdd"))


@pytest.mark.parametrize(
    "name", ["prompt", "question", "uid", "problem_id", "item", "Prompt ID", "promptId", "prompts"]
)
def test_a_column_that_looks_like_prompts_is_named(read, name):
    _, said = read(PROMPTED.format(name))
    option = name if " " not in name else f'"{name}"'
    (remark,) = said
    assert remark.startswith(f"column '{name}' may be the prompts (4 in 8 rows)")
    assert f"--prompt-column {option} chooses within each" in remark
    assert read(PROMPTED.format(name), prompts=(name,))[1] == []
    assert read(PROMPTED.format(name), group=name)[1] == []


@pytest.mark.parametrize("name", ["prompt_tokens", "item_count", "width", "model_id", "promptly"])
def test_other_columns_do_not_look_like_prompts(read, name):
    assert read(PROMPTED.format(name))[1] == []


def test_labels_that_hardly_repeat_are_no_prompts(read):
    every = "".join(f"{i},{i}\n" for i in range(8))
    assert read("prompt,reward\n" + every)[1] == []
    assert read("prompt,reward\n" + every + "0,9\n")[1] == []


def test_the_likeliest_of_several_columns_is_named(read):
    text = "uid,prompt,reward\n" + "".join(f"u{i // 2},p{i // 2},{i}\n" for i in range(8))
    (remark,) = read(text)[1]
    assert remark.startswith("column 'prompt' may be the prompts")


@pytest.mark.parametrize(
    "rater", ["worker", "annotator_id", "rater", "judge", "Worker ID", "participant_id", "grader"]
)
def test_a_column_that_looks_like_raters_is_named(read, rater):
    option = rater if " " not in rater else f'"{rater}"'
    found = f"column '{rater}' may be raters (2 in 8 rows), and each row is taken for a candidate"
    taken = "takes rows of one candidate for its ratings"
    text = RATED.format("item_id", rater)
    columns = ", with --group-column or --candidate-column,"
    assert read(text)[1] == [
        f"{found}; --rater-column {option} --prompt-column item_id{columns} {taken}"
    ]
    prompted = {"prompts": ("item_id",)}
    assert read(text, **prompted)[1] == [f"{found}; --rater-column {option}{columns} {taken}"]
    assert "may be the prompts" in read(RATED.format("item_id", "arm"))[1][0]
    header, *rows = text.splitlines()
    grouped = "\n".join([f"{header},model", *(f"{row},m" for row in rows)])
    asked = prompted | {"group": "model"}
    assert read(grouped, **asked)[1] == [f"{found}; --rater-column {option} {taken}"]
    same = {"prompts": ("item_id",), "group": "item_id"}
    assert read(text, **same)[1][-1] == f"{found}; --rater-column {option} {taken}"
    alone = grouped.replace(",w0,m", ",w0,other")  # a row for each prompt and group
    assert read(alone, **asked)[1] == []
    assert not any("may be raters" in line for line in read(grouped, **asked, rater=rater)[1])


def test_one_judge_of_all_rows_is_no_rater_among_several(read):
    assert read(RATED.format("item_id", "judge").replace(",w1", ",w0"))[1] == []


def test_scores_of_raters_are_no_raters(read):
    text = "prompt,rater_a,rater_b,rater_c\n"
    text += "".join(f"{p},{i},.5,{i % 3}\n" for i, p in enumerate("aabbccdd"))
    prompts, raters = read(text, reward="rater_a")[1]
    assert "--prompt-column prompt" in prompts
    assert raters == (
        "column 'rater_a' may be one rater's, as 'rater_b', 'rater_c'; --reward-column for each of "
        "them takes their mean"
    )
    rows = [{"prompt": p, "rater_a": i, "rater_b": i % 3} for i, p in enumerate("aabbccdd")]
    assert len(read(json.dumps(rows), "t.json", reward="rater_a")[1]) == 2
    every = ("rater_a", "rater_b", "rater_c")
    assert read(text, reward=every, prompts=("prompt",))[1] == []


@pytest.mark.parametrize(
    ("field", "other"),
    [("annotator1", "annotator2"), ("Judge-1-score", "Judge-2-score"), ("rater x", "rater y")],
)
def test_columns_of_other_raters_are_named_by_a_letter_or_a_number(read, field, other):
    rows = "".join(f"{2 * i},{i}\n" for i in range(8))
    assert len(read(f"{field},{other}\n{rows}", reward=field)[1]) == 1
    assert read(f"{field},{field}_time\n{rows}", reward=field)[1] == []
    assert read(f"reward_1,reward_2\n{rows}", reward="reward_1")[1] == []


@pytest.mark.parametrize("name", ["label", "checkpoint", "step", "run", "split", "Run ID"])
def test_a_column_whose_values_are_pooled_is_named(read, name):
    text = f"{name},reward\n" + "".join(f"{label},{i}\n" for i, label in enumerate("xyxyxy"))
    (remark,) = read(text)[1]
    typed = name if " " not in name else f'\\"{name}\\"'
    assert remark == (
        f"column '{name}' has 2 values ('x', 'y'), which are pooled; "
        f"--where \"{typed} = 'x'\" takes one of them"
    )
    assert read(text, where=f"\"{name}\" = 'x'")[1] == []
    assert read(text, group=name)[1] == []
    one = f"{name},reward\n" + "".join(f"x,{i}\n" for i in range(6))
    assert read(one)[1] == []


def test_the_condition_that_is_proposed_can_be_typed(read):
    text = "step,reward\n" + "".join(f"{i % 2},{i}\n" for i in range(6))
    (remark,) = read(text)[1]
    assert '--where "step = 0" takes one of them' in remark
    assert read(text, where="step = 0")[0].rewards.tolist() == [0, 2, 4]


def test_a_number_of_runs_within_prompts_is_not_remarked(read):
    text = "prompt,run,reward\n" + "".join(f"p{i // 4},{i % 4},{i}\n" for i in range(16))
    assert read(text, prompts=("prompt",))[1] == []


def test_a_lone_reward_that_most_rows_have_may_be_a_sentinel(read):
    text = "reward\n" + "-1\n" * 12 + "5\n7\n8\n9\n"
    assert read(text)[1] == [
        "12 of 16 rewards are -1; if that stands for a missing one, --sentinel -1 leaves them out"
    ]
    assert "--sentinel -1 leaves" in read(text, scale=5.0)[1][0]  # as it is written in the table
    assert "--sentinel -1 leaves" in read(text, scale=-5.0)[1][0]
    assert "--sentinel 999 leaves" in read("reward\n" + "999\n" * 9 + "5\n7\n8\n9\n")[1][0]
    assert read(text, sentinels=("-1",))[1] == [
        "12 of 16 rows are left out: their reward is '-1', which stands for none"
    ]


@pytest.mark.parametrize(
    "rewards",
    [
        [0] * 9 + [1],  # right or wrong
        [-1] * 8 + [5, 6, 7, 8, 9, 10, 11, 12],  # no more than half
        [3] * 9 + [1, 2, 4, 5],  # in the middle
        [5] * 9 + [1, 2, 3, 4],  # the best of a scale
    ],
)
def test_other_rewards_that_are_common_are_not_remarked(read, rewards):
    said = read("reward\n" + "".join(f"{r}\n" for r in rewards))[1]
    assert not any("--sentinel" in line for line in said)


def test_a_group_a_row_is_remarked(read):
    text = "reward,group\n" + "".join(f"{i},m{i}\n" for i in range(10))
    assert read(text)[1] == [
        "each row has a group label of its own: shares of groups are those of rows"
    ]
    assert read(text + "1,m1\n")[1] == []


def test_every_prompt_with_one_answer_is_counted(read):
    text = "prompt,reward\na,1\nb,2\nc,3\nc,5\n"
    assert read(text, prompts=("prompt",))[1] == [
        "2 of 3 prompts have one answer only: nothing is chosen there"
    ]


def test_blanks_around_prompts_are_taken_off_and_said(read):
    law, said = read("prompt,reward\n a,1\na,2\na ,3\n", prompts=("prompt",))
    assert law.prompt_names == ("a",)
    assert said == ["blanks around prompt labels were taken off: ' a', 'a '"]


@pytest.mark.parametrize(
    "header",
    [
        "_step,_runtime,_timestamp,reward",
        "train/step,run - reward,run - reward__MIN,run - reward__MAX",
    ],
)
def test_the_log_of_a_training_run_is_no_table_of_samples(read, header):
    with pytest.raises(InputError, match=r"got a training run's log, one row a step \(column '"):
        read(f"{header}\n1,2,3,4\n2,3,4,5\n", reward="reward")
    with pytest.raises(InputError, match="give the rewards of the samples of one step"):
        read(f"{header}\n1,2,3,4\n")


@pytest.mark.parametrize("name", ["input", "doc_id", "prompts"])
def test_names_that_trainers_and_harnesses_give_to_prompts_are_known(read, name):
    (remark,) = read(PROMPTED.format(name))[1]
    assert remark.startswith(f"column '{name}' may be the prompts (4 in 8 rows)")


def test_a_condition_on_the_prompts_does_not_silence_the_remark_on_them(read):
    (remark,) = read(PROMPTED.format("prompt"), where="prompt <> 'd'")[1]
    assert remark.startswith("column 'prompt' may be the prompts (3 in 6 rows)")
    assert read(PROMPTED.format("prompt"), where="prompt = 'd'")[1] == []
    numbered = "id,reward\n" + "".join(f"{i // 2},{i}\n" for i in range(6))
    assert read(numbered, where="id < 2")[0].rewards.tolist() == [0.0, 1.0, 2.0, 3.0]


@pytest.mark.parametrize("label", ["Total", '"Average"', "overall:", "Gesamt"])
def test_a_last_row_that_sums_up_the_others_is_remarked(read, label):
    table = f"model,reward\na,1\nb,2\n{label},1.5\n"
    plain = label.strip('"')
    (remark,) = read(table)[1]
    assert remark == (
        f"the last row, '{plain}', counts as a sample; --where \"model <> '{plain}'\" leaves it out"
    )
    law, said = read(table, where=f"model <> '{plain}'")
    assert law.rewards.tolist() == [1.0, 2.0]
    assert said == []
    assert read("reward\n1\n2\n")[1] == []


def test_points_between_thousands_are_remarked_where_semicolons_are_delimiters(read):
    remark = (
        "column 'reward' has '1.100', which is read as 1.1; if its point stands between "
        "thousands, take it out"
    )
    assert read("reward;group\n1.100;a\n2;b\n")[1] == [remark]
    other = "reward;n\n0,5;1.100\n0,25;2.200\n"
    assert read(other, follow=("n",))[1] == [remark.replace("reward", "n")]
    comma = remark.replace("1.100", "1,100").replace("point", "comma")
    assert read("reward\tgroup\n1,100\ta\n2\tb\n")[1] == [comma]
    assert read("reward\tgroup\n1.100\ta, b\n2.200\tb\n")[1] == []
    for numbers in (("1.1", "2.2"), ("0.125", "1.100"), ("1", "2"), ("1.125", "2.5")):
        assert read("reward;group\n{};a\n{};b\n".format(*numbers))[1] == []
    assert read("reward,group\n1.100,a\n2.200,b\n")[1] == []


@pytest.mark.parametrize("columns", ["step,loss", "global_step,train/loss", "epoch,learning_rate"])
def test_a_row_a_step_with_a_loss_is_a_log(read, columns):
    table = f"{columns},reward\n" + "".join(f"{i},{1 / i:.3f},{i}\n" for i in range(1, 6))
    with pytest.raises(InputError, match="got a training run's log, one row a step"):
        read(table)
    assert read(table.replace("\n5,", "\n4,"))[0].size == 5  # rows of one step


def test_labels_that_repeat_where_rows_are_the_prompts_are_remarked(read):
    table = '{{"{}": "a", "rewards": [1, 2]}}\n' * 2
    said = read(table.format("prompt", "prompt"), "t.jsonl", reward="rewards")[1]
    assert said[1:] == [
        "column 'prompt' has 1 label in 2 rows; --prompt-column prompt takes those of one "
        "label together"
    ]
    assert len(read(table.format("task", "task"), "t.jsonl", reward="rewards")[1]) == 1
    asked = {"reward": "rewards", "prompts": ("prompt",)}
    (remark,) = read(table.format("prompt", "prompt"), "t.jsonl", **asked)[1]
    assert remark == LISTS


def test_what_sums_up_a_table_is_no_table_of_samples(read):
    frame = pd.DataFrame({"reward": [1.0, 2.0, 4.0]}).describe()
    for text, name in ((frame.to_csv(), "t.csv"), (frame.to_json(), "t.json")):
        with pytest.raises(InputError, match=r"got a summary \(count, mean, std\): give the rewa"):
            read(text, name)


def test_a_column_that_grows_from_row_to_row_is_remarked_if_it_is_called_a_step(read):
    table = "{},reward\n" + "".join(f"{i},{i}\n" for i in range(5))
    (remark,) = read(table.format("Step"))[1]
    assert remark.startswith("column 'Step' grows from row to row: if the table is a training run")
    assert read(table.format("index"))[1] == []


def test_of_levels_of_keys_the_one_with_most_values_is_named_first(read):
    models = {m: {p: {"reward": r + len(m)} for r, p in enumerate("pqr")} for m in ("a", "bb")}
    (remark,) = read(json.dumps(models), "t.json")[1]
    assert remark.startswith("column 'key_2' may be the prompts (3 in 6 rows), or 'key', and all")
