"""What is wrong with a file or an option, as one sentence for the terminal."""


class Problem(Exception):
    """Nothing was computed or written; the sentence is translated and names row and column where there are any."""
