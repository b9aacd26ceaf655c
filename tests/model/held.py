"""Directories that somebody sits in while the registry changes.

What is nothing but an image stays that image, whatever becomes of its tag or path. What is no image stays the same
directory, and shows what is there now. No promise is made

  * when the image was deleted, or when a directory gained or lost a role: then its next lookup gives another one;
  * for what is an image among other things: it depends on which of these was known first.
"""

import os


class Held:
    """One directory of the tree, opened."""

    def __init__(self, root, tree, path):
        self.path = path
        self._opened = tree.find(path)
        self.descriptor = os.open(os.path.join(root, path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def _is_only_image(self):
        return self._opened.roles() == {"image"}

    def node(self, tree):
        """What it must show now."""
        return self._opened.image if self._is_only_image() else tree.find(self.path)

    def may_show(self, tree):
        """Names that it may show or not: the other roles that an image has got since."""
        now = tree.find(self.path)
        if not self._is_only_image() or now.kind != "directory":
            return set()
        return now.names() - self._opened.image.names()

    def is_promised(self, tree):
        """Whether that is still known, after one more change."""
        if self._is_only_image():
            return self._opened.image.exists()
        if self._opened.image:
            return False
        now = tree.find(self.path)
        return now.kind == "directory" and now.roles() == self._opened.roles()

    def close(self):
        os.close(self.descriptor)
