"""nbgrader's configuration of this course: https://nbgrader.readthedocs.io/en/stable/configuration/config_options.html"""

from autograder.grading.config import configure

c = get_config()  # noqa: F821
configure(c)

c.CourseDirectory.course_id = "deep-learning"
c.CourseDirectory.release_directory = "release/en"

# What the site (`autograder site`) tells beyond the homeworks' own texts; c.Site.deadlines and c.Site.days are its calendar.
c.Site.builds_on = {
    "hw03_linear_transformers": ["hw02_attention"],
    "hw04_glove_sentiment": ["hw01_autoencoders"],
    "hw05_bert_spam": ["hw02_attention", "hw04_glove_sentiment"],
    "hw06_rnn_backprop": ["hw01_autoencoders", "hw02_attention"],
    "hw07_argmax_attention": ["hw02_attention"],
    "hw08_vit_beit": ["hw01_autoencoders", "hw02_attention"],
}
