"""What ``nbgrader_config.py`` sets."""

import warnings

import pytest
from nbgrader.preprocessors import CheckCellMetadata
from traitlets.config import Config

from autograder.collecting.zip_collect import Collector, Extractor
from autograder.grading.autograde import Sanitize, Submissions
from autograder.grading.config import configure
from autograder.grading.export import Export
from autograder.grading.feedback import Feedback


@pytest.fixture
def config() -> Config:
    made = Config()
    with warnings.catch_warnings():
        configure(made)
    return made


def test_nbgraders_commands_use_this_package(config: Config) -> None:
    assert config.Autograde.exporter_class is Submissions
    assert config.ZipCollectApp.extractor_plugin is Extractor and config.ZipCollectApp.collector_plugin is Collector
    assert config.ExportApp.plugin_class is Export


def test_a_submission_is_sanitized_before_it_runs_and_nbgrader_looks_at_the_result(config: Config) -> None:
    assert config.Autograde.sanitize_preprocessors == [Sanitize, CheckCellMetadata]
    assert config.Autograde.autograde_preprocessors[-1] is CheckCellMetadata


def test_feedback_is_made_of_what_may_be_shown(config: Config) -> None:
    assert config.GenerateFeedback.preprocessors[0] is Feedback
