"""What a mount costs that does nothing, and that nothing is fetched twice."""

from integration.checks import run

from .calls import most_of_one_id
from .commands import NOWHERE
from .row import Row

TITLE = "Memory and ids"
NOTE = "An idle mount, and a `grep -r` over tags that share their images."
IDLE_MIB = 16
TAGS, DIGESTS = 1000, 300


def measure(place):
    with place.server() as server:
        server.seed(repository="many/tags", tags=TAGS, digests=DIGESTS)
        with place.mounted(server) as fs:
            resident = fs.resident_bytes() / 2**20
            yield Row("resident memory, idle after the mount", f"{resident:.1f} MiB", f"at most {IDLE_MIB} MiB",
                      resident <= IDLE_MIB)
            server.reset()
            run("grep", "-r", NOWHERE, fs.root / "many/tags", code=1)
            yield _ids_row(server.stats())


def _ids_row(stats):
    fetched, most = stats["ids"]["BatchGetImage"], most_of_one_id(stats)
    return Row(f"`grep -r` over {TAGS:,} tags on {DIGESTS} digests: ids fetched",
               f"{fetched}, none more than {most} ×", f"{DIGESTS}, none twice", (fetched, most) == (DIGESTS, 1))
