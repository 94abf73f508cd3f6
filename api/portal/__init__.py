"""The page for people: templates, styles and the texts in both languages."""
