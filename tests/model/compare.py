"""A mount against the model, through system calls. The first difference is a Mismatch."""

import contextlib
import errno
import os
import posixpath
import random
import stat

from integration.checks import errno_of, read

from .nearby import names_near, names_near_registry, path_near

NAMES_BESIDE = 3      # looked for in each directory of a walk
PATHS_OF_A_CHECK = 8  # of a check by names
KINDS = {stat.S_IFDIR: "directory", stat.S_IFREG: "file", stat.S_IFLNK: "symlink"}


class Mismatch(AssertionError):
    """What the model says, and what the mount did."""

    def __init__(self, where, what, expected, got):
        super().__init__(f"{where or '/'}: {what} should be {expected!r}, is {got!r}")


def same(where, what, expected, got):
    if expected != got:
        raise Mismatch(where, what, expected, got)


class Comparison:
    """One check of one registry of a mount; `more` rules than are kept may be wanted, see test_model.py:

        listed_inodes   the inode numbers of a listing are those of stat
        held_records    image.json shows the present tags also to whoever sits in the image

    A context manager.
    """

    def __init__(self, root, tree, account, seed, more=frozenset()):
        self.root, self.tree, self.account, self._more = str(root), tree, account, more
        self.random = random.Random(seed)
        self.inodes = {}  # of a File.one_inode_for
        self._kept_open = contextlib.ExitStack()  # those files: an inode that nobody uses may lose its number

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self._kept_open.close()

    def walk(self):
        """Everything that listings show, directory by directory, and names beside it."""
        with _opened(self.root, os.O_DIRECTORY) as descriptor:
            same("", "names", sorted(self.tree.root.names()), sorted(os.listdir(descriptor)))
            for name in (self.account, *names_near_registry(self.account)):
                self._child(descriptor, name, self.tree.child(self.tree.root, name), name)

    def names(self):
        """Some paths, each from the root, without listing anything first."""
        directories = self.tree.directories(self.account)
        for _ in range(PATHS_OF_A_CHECK):
            path = path_near(self.tree, directories, self.random)
            full = os.path.join(self.root, path)
            node = self.tree.find(path)
            if self.random.random() < 0.3:
                self._by_listing(full, node, path)
            else:
                self._by_stat(full, node, path)

    def held(self, held):
        """A directory that was opened before, by whoever sits in it."""
        node, where = held.node(self.tree), f"{held.path} (held open)"
        names = _try(where, "listdir", lambda: _listed_again(held.descriptor))
        names = [name for name in names if name not in held.may_show(self.tree)]
        self._names(where, node, names)
        for name in names:
            child = self.tree.child(node, name)
            found = _try(where, f"lstat of {name}", lambda: os.lstat(name, dir_fd=held.descriptor))
            same(where, f"type of {name} by lstat", child.kind, KINDS[stat.S_IFMT(found.st_mode)])
            if child.kind == "file" and (name != "image.json" or "held_records" in self._more):
                self._child(held.descriptor, name, child, f"{where}/{name}")

    def _by_stat(self, full, node, path):
        if node.kind == "absent":
            same(path, "errno of lstat", node.errno, errno_of(os.lstat, full))
            return
        found = _try(path, "lstat", os.lstat, full)
        same(path, "type by lstat", node.kind, KINDS[stat.S_IFMT(found.st_mode)])
        if node.kind == "file":
            data = _try(path, "read", read, full)
            same(path, "bytes", True, node.agrees(data))
            same(path, "size by lstat", len(data), _try(path, "lstat", os.lstat, full).st_size)

    def _by_listing(self, full, node, path):
        if node.kind == "directory":
            self._names(path, node, _try(path, "listdir", os.listdir, full))
        elif node.kind == "file":
            same(path, "errno of listdir", "ENOTDIR", errno_of(os.listdir, full))
        elif node.kind == "absent":
            same(path, "errno of listdir", node.errno, errno_of(os.listdir, full))

    def _names(self, where, node, names):
        """Every name once."""
        same(where, "names", sorted(node.names()), sorted(names))

    def _directory(self, descriptor, node, path):
        def listed():
            with os.scandir(descriptor) as entries:
                return [(entry.name, _kind_of(entry), entry.inode()) for entry in entries]
        found = _try(path, "scandir", listed)
        self._names(path, node, [name for name, _, _ in found])
        for name, kind, number in found:
            child, where = self.tree.child(node, name), f"{path}/{name}"
            same(where, "type in the listing", child.kind, kind)
            self._child(descriptor, name, child, where, number)
        for name in names_near(node, self.random, NAMES_BESIDE):
            self._child(descriptor, name, self.tree.child(node, name), f"{path}/{name}")

    def _child(self, descriptor, name, node, path, listed_number=None):
        if node.kind == "absent":
            same(path, "errno of lstat", node.errno, errno_of(lambda: os.lstat(name, dir_fd=descriptor)))
        elif node.kind == "symlink":
            self._link(descriptor, name, node, path)
        else:
            flags = os.O_DIRECTORY if node.kind == "directory" else 0
            with _try(path, "open", _opened, name, flags, descriptor) as opened:
                self._opened(opened, node, path, listed_number)

    def _opened(self, descriptor, node, path, listed_number):
        found = _try(path, "fstat", os.fstat, descriptor)
        same(path, "type by fstat", node.kind, KINDS[stat.S_IFMT(found.st_mode)])
        if listed_number is not None and "listed_inodes" in self._more:
            same(path, "inode number", listed_number, found.st_ino)
        if node.kind == "directory":
            self._directory(descriptor, node, path)
            return
        data = _try(path, "read", os.read, descriptor, 1 << 20)
        if not node.agrees(data):
            raise Mismatch(path, "bytes", node.data, data)
        same(path, "size by fstat", len(data), found.st_size)
        if node.one_inode_for:
            self._kept_open.callback(os.close, os.dup(descriptor))
            self._one_inode(node.one_inode_for, found.st_ino, path)

    def _one_inode(self, file, number, path):
        """The same inode for the same file of an image of a repository, another for any other."""
        same(path, "inode number of the file", self.inodes.setdefault(file, number), number)
        others = [other for other, known in self.inodes.items() if known == number]
        same(path, "files with this inode number", [file], others)

    def _link(self, descriptor, name, node, path):
        target = _try(path, "readlink", lambda: os.readlink(name, dir_fd=descriptor))
        same(path, "absolute target", False, target.startswith("/"))
        leads_to = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if not node.leads_to(self.tree.find(leads_to)):
            raise Mismatch(path, "target", "as the model says", target)
        followed = _try(path, "stat", lambda: os.stat(name, dir_fd=descriptor))
        same(path, "type of the target", "directory", KINDS[stat.S_IFMT(followed.st_mode)])


def _listed_again(descriptor):
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.listdir(descriptor)


def _kind_of(entry):
    """By d_type alone; scandir would ask lstat where that is unknown, and the listing says it always."""
    if entry.is_symlink():
        return "symlink"
    return "directory" if entry.is_dir(follow_symlinks=False) else "file"


def _try(path, what, function, *arguments):
    try:
        return function(*arguments)
    except OSError as error:
        raise Mismatch(path, what, "a success", errno.errorcode[error.errno]) from None


class _opened:
    """A descriptor, closed at the end; opened at once, so that its error is the caller's."""

    def __init__(self, name, flags, directory=None):
        self._descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | flags, dir_fd=directory)

    def __enter__(self):
        return self._descriptor

    def __exit__(self, *_exception):
        os.close(self._descriptor)
