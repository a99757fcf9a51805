"""The nouns of the program: frozen values without I/O. A file becomes pydantic; what flows per message is msgspec."""
