"""One page a place of the rail, and full-page views of a run, a message, a connector."""
