"""A reference model of the tree, and random registries on which a mount must agree with it.

    registry.py     what ECR holds, and how it changes: a few lines instead of a server
    tree_model.py   the tree that a mount must show of it: the rules, without caches or calls
    stories.py      random registries, changes and checks (hypothesis)
    nearby.py       names to look for in a directory, most of which are not there
    compare.py      the mount against the model, through system calls
    held.py         directories that stay open while the registry changes
    stage.py        plays stories: one server, and one mount for many of them
    conftest.py     fixtures: the stages
    test_model.py   the tests, and the rules that are known not to be kept

A story that fails is made smaller and printed; as an argument of Stage.play it runs alone. The environment may say
ECRFS_MODEL_EXAMPLES, the number of stories, and ECRFS_MODEL_SEED, for others than the usual ones.
"""
