"""An interactive shell on a terminal of its own, in which TAB is pressed."""

import os
import pathlib
import pty
import subprocess
import threading

from integration.checks import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHOW = "\x07"  # a key that writes the line to a file
BASH = r"""
PS1='$ '
bind 'set enable-bracketed-paste off'
. /usr/share/bash-completion/bash_completion
. "$COMPLETION/ecrfs"
offer() { _ecrfs "$@"; printf '%s\n' "${COMPREPLY[@]}" >>"$SHOWN/offers"; }
complete -F offer ecrfs
show() { printf '%s' "$READLINE_LINE" >"$SHOWN/new"; mv "$SHOWN/new" "$SHOWN/line"; }
bind -x '"\a": show'
"""
ZSH = r"""
PS1='$ '
setopt no_auto_list no_auto_menu no_beep no_prompt_sp
fpath=("$COMPLETION" $fpath)
autoload -Uz compinit
compinit -u -D
compadd() {
	local offers=()
	if [[ "${@[1,(i)(-|--)]}" != *-[OAD]* ]]; then
		builtin compadd -A offers "$@"
		print -rl -- $offers >>"$SHOWN/offers"
	fi
	builtin compadd "$@"
}
show() { print -rn -- "$BUFFER" >"$SHOWN/new"; mv "$SHOWN/new" "$SHOWN/line" }
zle -N show
bindkey '^G' show
"""
# With an fstab of its own, where that can be had.
WITH_FSTAB = ["unshare", "--mount", "sh", "-ec", 'mount --bind "$0" /etc/fstab; exec "$@"']
HAS_FSTAB = os.geteuid() == 0 and os.path.exists("/etc/fstab")
COMMANDS = {"bash": (["bash", "--noprofile", "--rcfile", "{rc}", "-i"], BASH), "zsh": (["zsh", "-d", "-i"], ZSH)}


class Shell:
    """A shell that knows ecrfs's completion. A context manager."""

    def __init__(self, name, directory, environment):
        self._directory = directory
        command, rc = COMMANDS[name]
        (directory / ".zshrc").write_text(rc)
        command = [word.format(rc=directory / ".zshrc") for word in command]
        if HAS_FSTAB:
            command = [*WITH_FSTAB, directory / "fstab", *command]
        self._terminal, end = pty.openpty()
        self._process = subprocess.Popen(
            command, stdin=end, stdout=end, stderr=end, cwd=directory / "cwd", start_new_session=True,
            env={"TERM": "dumb", "LC_ALL": "C.UTF-8", "ZDOTDIR": str(directory), "SHOWN": str(directory),
                 "COMPLETION": str(ROOT / "completion"), **environment})
        os.close(end)
        self.output = b""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        try:
            while block := os.read(self._terminal, 4096):
                self.output += block
        except OSError:
            pass  # the shell has ended

    def __enter__(self):
        until(lambda: b"$ " in self.output, "a prompt", timeout_s=60)
        return self

    def __exit__(self, *exception):
        self._process.kill()
        self._process.wait()
        self._reader.join()
        os.close(self._terminal)

    def press_tab(self, line):
        """What is offered after this beginning of a line, and the line that comes of it."""
        offers, shown = self._directory / "offers", self._directory / "line"
        offers.write_text("")
        shown.unlink(missing_ok=True)
        os.write(self._terminal, f"\x15{line}\t{SHOW}".encode())
        until(shown.exists, f"the line after {line!r} and TAB; the terminal shows {self.output[-500:]}", timeout_s=60)
        return sorted(set(offers.read_text().split())), shown.read_text()

    def run(self, command):
        """Run a command that succeeds."""
        before = len(self.output)
        os.write(self._terminal, f"\x15{command} && echo $((6 * 7))\n".encode())
        until(lambda: b"\n42" in self.output[before:], f"the end of {command}", timeout_s=60)
