"""The course's own site, made once for all tests of it."""

from pathlib import Path

import pytest
from traitlets.config import Config

from autograder.building.build import homeworks
from autograder.site import dates, site
from tests.conftest import ROOT

DEADLINES = {"hw01_autoencoders": "1405-07-30 23:59 +03:30", "hw02_attention": "2026-11-05 23:59 +03:30"}


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site's folder."""
    folder = tmp_path_factory.mktemp("site") / "site"
    settings = dates.Site(config=Config({"Site": {"deadlines": DEADLINES}}))
    site.make(ROOT, homeworks(ROOT), folder, settings, {})
    return folder
