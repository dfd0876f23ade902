"""From a submitted notebook to a grade: sanitize, run, judge, save; late days; collecting; feedback."""
