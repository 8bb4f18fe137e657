"""The classifier of images: what it learns, its seeds, its state, and its errors."""

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import torch
from scipy.special import softmax

from recurate.figures.images.augmentation import CROP, augmented
from recurate.figures.images.classifier import Classifier
from recurate.figures.images.classifier_network import classifier_network
from recurate.figures.images.classifier_settings import CIFAR10, DIGITS, ClassifierSettings
from recurate.figures.images.dataset import LabelledImages, digest_of, load

TINY = ClassifierSettings([4, "pool"], epochs=1, batch_size=16)


@pytest.fixture(scope="module")
def digits():
    return load("digits")


@pytest.fixture(scope="module")
def trained(digits):
    return Classifier(ClassifierSettings.of(DIGITS), seed=1).fit(digits.training)


def few(data, n=200):
    return LabelledImages(data.training.images[:n], data.training.labels[:n])


def test_the_digits_are_split_once_and_for_all(digits):
    from sklearn.datasets import load_digits

    whole = load_digits()
    parts = (digits.training, digits.test)
    assert [part.images.shape for part in parts] == [(1297, 1, 8, 8), (500, 1, 8, 8)]
    assert all(part.images.dtype == np.float32 for part in parts)
    found = np.concatenate([part.images for part in parts]).reshape(-1, 64) * 16
    labels = np.concatenate([part.labels for part in parts])
    # Every image once, beside its label.
    rows = [(*image, label) for image, label in zip(found.tolist(), labels.tolist(), strict=True)]
    assert sorted(rows) == sorted(
        (*image, label) for image, label in zip(whole.data.tolist(), whole.target, strict=True)
    )
    # As many of a class as in a sample that has each class's share, but for rounding.
    expected = np.bincount(whole.target) * 500 / 1797
    np.testing.assert_allclose(np.bincount(digits.test.labels), expected, atol=1)
    again = load("digits")
    np.testing.assert_array_equal(again.test.images, digits.test.images)
    assert digits.class_names == tuple("0123456789")
    assert digest_of("digits") == digest_of("digits")


def test_digits_are_told_apart(digits, trained):
    """On 500 images that it has not seen.

    It is right on 0.944 to 0.956 of them over ten seeds; a guess is right on 0.1. On wrong labels
    it is right on as many as are drawn right by chance.
    """
    accuracy = trained.accuracy(digits.test)
    assert accuracy > 0.9
    probabilities = trained.probabilities(digits.test.images)
    assert (probabilities.shape, probabilities.dtype) == ((500, 10), np.float64)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-12)
    assert accuracy == (probabilities.argmax(axis=1) == digits.test.labels).mean()
    shuffled = np.random.default_rng(0).permutation(digits.test.labels)
    assert trained.accuracy(LabelledImages(digits.test.images, shuffled)) < 0.25


def test_its_confidence_is_graded(digits, trained):
    """A reward that is the same for nearly all images would leave nothing to choose by.

    Quantiles of the largest probability, averaged over ten seeds: 0.05 of the images are below
    0.27, half below 0.54, and 0.05 above 0.78.
    """
    confidence = trained.probabilities(digits.test.images).max(axis=1)
    low, middle, high = np.quantile(confidence, [0.05, 0.5, 0.95])
    assert high - low > 0.3
    assert 0.4 < middle < 0.7


def test_features_are_what_the_linear_layer_sees(digits, trained):
    features = trained.features(digits.test.images)
    assert (features.shape, features.dtype) == ((500, 8 * 4 * 4), np.float64)
    state = trained.get_state()
    scores = features @ state["network.scores.weight"].T + state["network.scores.bias"]
    np.testing.assert_allclose(
        softmax(scores, axis=1), trained.probabilities(digits.test.images), atol=1e-5
    )


def test_its_units_are_the_training_images(digits):
    """Mean and deviation of each channel; one of equal pixels keeps its scale."""
    images = np.concatenate([few(digits).images, np.full((200, 1, 8, 8), 0.5)], axis=1)
    state = Classifier(TINY).fit(LabelledImages(images, few(digits).labels)).get_state()
    gray = few(digits).images.astype(np.float64)
    for name, expected in (("location", [gray.mean(), 0.5]), ("scale", [gray.std(), 1.0])):
        np.testing.assert_allclose(state[f"network.units.{name}"].ravel(), expected, rtol=1e-5)


def test_one_seed_gives_one_classifier_and_no_global_state_changes(digits):
    before = torch.get_rng_state()
    states = [Classifier(TINY, seed).fit(few(digits)).get_state() for seed in (3, 4)]
    assert torch.equal(torch.get_rng_state(), before)
    with torch.random.fork_rng():
        torch.manual_seed(99)
        again = Classifier(TINY, 3).fit(few(digits)).get_state()
    assert all((states[0][name] == again[name]).all() for name in again)
    assert any((states[0][name] != states[1][name]).any() for name in again)


def test_augmentation_takes_its_randomness_from_the_seed(digits):
    settings = ClassifierSettings([4, "pool"], epochs=1, batch_size=16, augmentation=True)
    one, again = (Classifier(settings, 3).fit(few(digits)).get_state() for _ in range(2))
    plain = Classifier(TINY, 3).fit(few(digits)).get_state()
    assert all((one[name] == again[name]).all() for name in one)
    assert any((one[name] != plain[name]).any() for name in one)


def test_a_state_is_the_classifier_itself(digits, trained):
    state = trained.get_state()
    assert not any(value.dtype.hasobject for value in state.values())
    other = Classifier(ClassifierSettings.of(DIGITS), seed=9)
    other.set_state(state)
    images = digits.test.images[:50]
    np.testing.assert_array_equal(other.probabilities(images), trained.probabilities(images))
    expected = trained.probabilities(images)
    for value in state.values():  # neither has hold of the arrays
        value[...] = 0
    for model in (trained, other):
        np.testing.assert_array_equal(model.probabilities(images), expected)


def test_images_of_any_real_type_and_in_blocks_of_any_size(digits, trained, monkeypatch):
    images = digits.test.images[:70]
    expected = trained.probabilities(images)
    # NumPy's new axis takes no steps; torch then takes the image for one whose channels come last.
    last = torch.tensor(images).to(memory_format=torch.channels_last)
    for same in (images.astype(np.float64), torch.tensor(images), images[:, 0][:, None], last):
        np.testing.assert_array_equal(trained.probabilities(same), expected)
    read_only = images.copy()
    read_only.flags.writeable = False
    np.testing.assert_array_equal(trained.probabilities(read_only), expected)
    monkeypatch.setattr("recurate.figures.images.classifier.BLOCK", 32)
    np.testing.assert_allclose(trained.probabilities(images), expected, atol=1e-5)
    # It is in evaluation mode: an image's probabilities do not depend on those beside it.
    np.testing.assert_allclose(trained.probabilities(images[:1]), expected[:1], atol=1e-5)


def test_augmented_images_are_moved_and_mirrored_ones():
    """Each of them is a cut of its padded image, or the mirror of one; every move occurs."""
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(600, 2, 6, 5, generator=generator)
    found = augmented(images, generator).numpy()
    padded = np.pad(images.numpy(), ((0, 0), (0, 0), (CROP, CROP), (CROP, CROP)))
    seen = set()
    for image, whole in zip(found, padded, strict=True):
        moves = [
            (row, column, mirrored)
            for row in range(2 * CROP + 1)
            for column in range(2 * CROP + 1)
            for mirrored in (1, -1)
            if (image == whole[:, row : row + 6, column : column + 5][:, :, ::mirrored]).all()
        ]
        assert moves
        seen |= set(moves) if len(moves) == 1 else set()
    assert {row for row, *_ in seen} == set(range(9))
    assert {column for _, column, _ in seen} == set(range(9))
    share = sum(mirrored < 0 for *_, mirrored in seen) / len(seen)
    assert 0.4 < share < 0.6
    assert (images.numpy()[:, :, :, :1] != found[:, :, :, :1]).any()


def test_vgg11_has_the_layers_of_the_paper():
    """Eight convolutions: 9,220,480 weights of them, by the sizes of configuration A.

    9 (3·64 + 64·128 + 128·256 + 256² + 256·512 + 3·512²) weights; two for each normalised channel,
    2 (64 + 128 + 2·256 + 4·512); and 512·10 + 10 of the linear layer.
    """
    layers = ClassifierSettings.of(CIFAR10).layers
    network = classifier_network(layers, (3, 32, 32), 10)
    assert sum(parameter.numel() for parameter in network.parameters()) == (
        9 * (3 * 64 + 64 * 128 + 128 * 256 + 256**2 + 256 * 512 + 3 * 512**2)
        + 2 * (64 + 128 + 2 * 256 + 4 * 512)
        + 5_130
    )
    assert network.eval().body(torch.zeros(2, 3, 32, 32)).shape == (2, 512)


def test_progress_is_reported_after_each_epoch(digits):
    calls = []
    settings = ClassifierSettings([4, "pool"], epochs=3)
    Classifier(settings).fit(few(digits), lambda *call: calls.append(call))
    assert calls == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "epochs must be an integer of at least 1; got 0"),
        ({"layers": []}, ValueError, r"layers must have one convolution or more; got \[\]"),
        ({"layers": "pool"}, TypeError, "layers must be a list of numbers and .pool.; got 'pool'"),
        ({"layers": [4, "flatten"]}, TypeError, "a layer .* must be an integer .*; got 'flatten'"),
        ({"layers": [0]}, ValueError, "a layer that is not pool must be .* at least 1; got 0"),
        ({"batch_size": 1}, ValueError, "batch_size must be at least 2"),
        ({"learning_rate": 0.0}, ValueError, "learning_rate must be above 0"),
        ({"weight_decay": -1.0}, ValueError, "weight_decay must be a finite number of at least 0"),
        ({"augmentation": None}, TypeError, "augmentation must be True or False; got None"),
        ({"dropout": 0.5}, ValueError, "a classifier's settings are layers, .*; got 'dropout'"),
    ],
)
def test_bad_settings(settings, error, message):
    with pytest.raises(error, match=message):
        ClassifierSettings.of({"layers": [4, "pool"], "epochs": 1} | settings)
    with pytest.raises(ValueError, match="settings must have layers and epochs"):
        ClassifierSettings.of({})


IMAGES = np.zeros((4, 1, 8, 8), np.float32)


@pytest.mark.parametrize(
    ("images", "labels", "error", "message"),
    [
        (IMAGES[:, 0], [0, 1, 0, 1], ValueError, r"images must have the shape \(n, channels, h"),
        (IMAGES[:0], [], ValueError, r"each at least 1; got \(0, 1, 8, 8\)"),
        (IMAGES.tolist(), [0, 1, 0, 1], TypeError, "images must be a NumPy array or .*; got list"),
        (IMAGES + np.nan, [0, 1, 0, 1], ValueError, "images must be finite numbers; some are not"),
        (IMAGES, [0, 1, 0], ValueError, "a label for each; got 4 images and 3 labels"),
        (IMAGES[:1], [0], ValueError, "data must have two images or more"),
        (IMAGES, [0, 2, 0, 2], ValueError, r"labels must be all of 0, 1, …; got \[0, 2\]"),
        (IMAGES[..., :1, :], [0, 1, 0, 1], ValueError, "at least 2 by 2 pixels .*; got 1 by 8"),
    ],
)
def test_bad_data(images, labels, error, message):
    with pytest.raises(error, match=message):
        Classifier(TINY).fit(LabelledImages(images, np.array(labels, dtype=np.int64)))


def test_errors_are_clear(digits, trained):
    model = Classifier(TINY)
    for use in (model.get_state, lambda: model.features(IMAGES)):
        with pytest.raises(ValueError, match="Classifier was not fitted yet"):
            use()
    with pytest.raises(ValueError, match=r"images must have the shape \(n, 1, 8, 8\).*16, 16\)"):
        trained.probabilities(np.zeros((2, 1, 16, 16)))
    with pytest.raises(ValueError, match="state must be of a classifier with the same layers"):
        model.set_state(trained.get_state())
    with pytest.raises(ValueError, match="Classifier was not fitted yet"):
        model.get_state()
    with pytest.raises(TypeError, match="settings must be ClassifierSettings; got dict"):
        Classifier(DIGITS)
    wild = ClassifierSettings([4, "pool"], epochs=2, learning_rate=1e30, batch_size=16)
    with pytest.raises(FloatingPointError, match=r"loss must stay finite; got .*try a lower one"):
        Classifier(wild).fit(few(digits))
