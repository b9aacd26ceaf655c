"""Calls of the API, as the server counted them."""


def as_text(counts):
    """{"BatchGetImage": 100} -> "100 BatchGetImage"."""
    return " + ".join(f"{number:,} {name}" for name, number in sorted(counts.items(), reverse=True)) or "none"


def most_of_one_id(stats):
    """How often that id was asked of BatchGetImage which was asked most often."""
    return max(stats["per_id"].get("BatchGetImage", {}).values(), default=0)
