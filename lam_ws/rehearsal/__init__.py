"""A scripted operator who works the console as a person does."""
