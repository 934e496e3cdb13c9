"""The Django project, and the text that is signed."""
