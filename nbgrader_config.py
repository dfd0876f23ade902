"""nbgrader's configuration of this course: https://nbgrader.readthedocs.io/en/stable/configuration/config_options.html"""

from autograder.grading.config import configure

c = get_config()  # noqa: F821
configure(c)

c.CourseDirectory.course_id = "deep-learning"
c.CourseDirectory.release_directory = "release/en"
