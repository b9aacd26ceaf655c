"""Names to look for in a directory: what is there, what is elsewhere, what never can be."""

from .registry import DIGESTS
from .stories import ONLY_TAGS, WORDS
from .tree_model import HOST_SUFFIX

IMPOSSIBLE = [
    ".hidden", "...", ".ecrfs", "A", "-x", "a b", "a..b", "a-", "_", "ümlaut", "new\nline", "a%2fb", "\udcff\udcfe",
    "x" * 255, "x" * 256, "x" * 1000, ":", "@", "a:", ":a", "@" + DIGESTS[0], "a@", "a@sha256:0", "a:b:latest",
    "sha256:", "sha256:" + "0" * 63, "sha256:" + "G" * 64, DIGESTS[0].upper(), "sha512:" + "0" * 128,
]
OURS = [".digests", ".untagged", "sha256:" + "0" * 64, "platforms", *DIGESTS]


def names_near_registry(account):
    """Names for the root of the mount."""
    return ["12345", "not-a-registry", ".hidden", account + "0", account + HOST_SUFFIX, "public.ecr.aws", "x" * 256]


def names_near(node, random, count):
    """Names for a directory below it, most of which are not there."""
    words = WORDS + ONLY_TAGS
    here = sorted(node.names()) or words
    word, tag, digest = random.choice(here), random.choice(words), random.choice(DIGESTS)
    references = [f"{word}:{tag}", f"{word}@{digest}", f"{random.choice(words)}:{tag}"]
    kinds = [words, IMPOSSIBLE, OURS, references]
    return [random.choice(random.choice(kinds)) for _ in range(count)]


def path_near(tree, directories, random):
    """A path from the root of the mount: one of these directories, or of something in or beside it."""
    path = random.choice(directories)
    for _ in range(random.randrange(3)):
        node = tree.find(path)
        if node.kind == "directory":
            path += "/" + random.choice([*sorted(node.names()), *names_near(node, random, 2)])
        else:
            path += "/" + random.choice(WORDS)
    return path
