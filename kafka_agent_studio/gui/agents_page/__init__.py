"""The parts of the agents page: list, editor, try it, tools, keys."""
