"""Random registries, changes and checks, as hypothesis strategies.

A story is a list of changes (see registry.py) and of

    ("names", seed)   look at some paths from the root of the mount, before anything is listed
    ("walk", seed)    look at every listing, file and link, and at some names beside them
    ("hold", seed)    sit down in some directories; all later checks look at them, too

Few words for everything make names collide: a tag and a component, a tag and a file of ours, a repository and
the namespace of another. The last step is always a walk.
"""

from hypothesis import strategies as st

from .registry import DIGESTS, IMAGES, Registry

WORDS = ["a", "b", "app", "v1", "latest", "manifest.json", "digest", "image.json"]
ONLY_TAGS = ["V1", "_x"]
FIRST_PUSHES = 10
MOST_CHANGES = 8

seeds = st.integers(0, 999)


def names(words):
    """Repository names: ECR wants at least two characters."""
    return st.lists(st.sampled_from(words), min_size=1, max_size=3).map("/".join).filter(lambda name: len(name) > 1)


@st.composite
def _pools(draw, words):
    """The repositories of a story: some of them below others."""
    pool = draw(st.lists(names(words), min_size=1, max_size=3, unique=True))
    for _ in range(draw(st.integers(0, 3))):
        pool.append(f"{draw(st.sampled_from(pool))}/{draw(st.sampled_from(words))}")
    return sorted(set(pool))


@st.composite
def _push(draw, pool, tags):
    repository = draw(st.sampled_from(pool))
    below = [name.removeprefix(repository + "/").partition("/")[0] for name in pool if name.startswith(repository + "/")]
    tag = draw(st.sampled_from([None, *tags, *below * 2]))
    return ("push", repository, tag, draw(st.integers(0, len(IMAGES) - 1)))


def _possible(registry, pool, tags):
    """For each kind of change, the changes of it that ECR would allow now; push is always possible."""
    held = registry.repositories
    found = {
        "create": [(name,) for name in pool if name not in held],
        "retag": [(name, tag, DIGESTS.index(digest)) for name in held for tag in tags for digest in held[name].images],
        "delete_tag": [(name, tag) for name in held for tag in held[name].tags],
        "delete_image": [(name, DIGESTS.index(digest)) for name in held for digest in held[name].images
                         if not held[name].is_child(digest)],
        "delete_repository": [(name,) for name in held],
    }
    return {kind: changes for kind, changes in found.items() if changes}


@st.composite
def _change(draw, registry, pool, tags):
    possible = _possible(registry, pool, tags)
    kind = draw(st.sampled_from(["push", *possible]))
    if kind == "push":
        return draw(_push(pool, tags))
    return (kind, *draw(st.sampled_from(possible[kind])))


@st.composite
def stories(draw):
    words = draw(st.lists(st.sampled_from(WORDS), min_size=2, max_size=4, unique=True))
    tags = sorted({*words, "manifest.json", draw(st.sampled_from(ONLY_TAGS))})
    pool = draw(_pools(words))
    registry, story = Registry(), []

    def happens(change):
        registry.change(*change)
        story.append(change)

    for change in draw(st.lists(_push(pool, tags), max_size=FIRST_PUSHES)):
        happens(change)
    for _ in range(draw(st.integers(0, MOST_CHANGES))):
        step = draw(st.sampled_from([None, "names", "walk", "hold"]))
        if step:
            story.append((step, draw(seeds)))
        happens(draw(_change(registry, pool, tags)))
    return [*story, ("walk", draw(seeds))]
