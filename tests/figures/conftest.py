"""What several modules of these tests read."""

import pytest

from recurate.figures.making import style
from recurate.figures.making.make import make

from .model_cases import MODELS, tiny


@pytest.fixture(scope="session")
def model_figures(tmp_path_factory):
    """All figures of models in a folder, pictures as PNG only: to be read or copied."""
    path = tmp_path_factory.mktemp("model_figures")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(style, "FORMATS", ("png",))
        for name in MODELS:
            make(tiny(name), path, scale="smoke")
    return path
