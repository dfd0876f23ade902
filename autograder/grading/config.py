"""What ``nbgrader_config.py`` sets so that nbgrader's own commands grade with this package."""

from __future__ import annotations

import warnings
from pathlib import Path

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import CheckCellMetadata
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

from autograder.building import release
from autograder.collecting.zip_collect import Collector, Extractor
from autograder.grading import gradebook
from autograder.grading.autograde import Run, Sanitize, SaveGrades, Submissions
from autograder.grading.export import Export
from autograder.grading.feedback import Feedback, Page
from autograder.keeping import restore
from autograder.marking.formgrader import ShowSchemes


def configure(c: Config) -> None:
    """Configure nbgrader's release, autograde, zip_collect, generate_feedback and export, and Formgrader's pages."""
    restore.finish(Path.cwd())  # whoever comes next ends a restore that was cut off
    release.configure(c)
    gradebook.protect()
    warnings.filterwarnings("ignore", category=SAWarning)  # nbgrader's own models make them at every submission
    c.Autograde.exporter_class = Submissions
    c.Autograde.sanitize_preprocessors = [Sanitize, CheckCellMetadata]
    c.Autograde.autograde_preprocessors = [Run, SaveGrades, CheckCellMetadata]
    c.ZipCollectApp.extractor_plugin = Extractor
    c.ZipCollectApp.collector_plugin = Collector
    c.GenerateFeedback.exporter_class = Page
    c.GenerateFeedback.preprocessors = [Feedback, CSSHTMLHeaderPreprocessor]
    c.ExportApp.plugin_class = Export
    c.HTMLExporter.preprocessors = [ShowSchemes]
