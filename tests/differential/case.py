"""A case: options, environment and files. In variables and files, `{home}` is the home directory."""

import dataclasses

# There is no instance whose role one could have, and nobody may be asked.
ALWAYS = {"HOME": "{home}", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "AWS_EC2_METADATA_DISABLED": "true"}

CONFIG = ".aws/config"
CREDENTIALS = ".aws/credentials"
TOKEN = "token"  # of a web identity


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    variables: dict = dataclasses.field(default_factory=dict)
    files: dict = dataclasses.field(default_factory=dict)  # below the home directory; bytes
    options: dict = dataclasses.field(default_factory=dict)  # of the mount; True for those without a value
    differs: str = ""  # the one difference that this case is about

    def replace(self, **changes):
        return dataclasses.replace(self, **changes)

    def with_files(self, rewrite):
        """The case with each AWS file rewritten by `rewrite(text, path)`."""
        return self.replace(files={
            path: content if path == TOKEN else
            rewrite(content.decode(errors="surrogateescape"), path).encode(errors="surrogateescape")
            for path, content in self.files.items()})

    def lay(self, home):
        """Writes the files. Answers the environment."""
        for path, content in self.files.items():
            (home / path).parent.mkdir(parents=True, exist_ok=True)
            (home / path).write_bytes(content.replace(b"{home}", str(home).encode()))
        return {name: value.replace("{home}", str(home)) for name, value in {**ALWAYS, **self.variables}.items()}
