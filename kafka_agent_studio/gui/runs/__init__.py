"""What the pages of runs are made of: the filter line, what is done with several runs, comparing, running again."""
