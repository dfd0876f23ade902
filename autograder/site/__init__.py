"""The course as pages to read: a static site in both languages, made from what students get."""
