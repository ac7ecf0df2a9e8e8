"""Starting and waking the one worker, so that no event is lost and many events at once start one process.

Three things on disk: the spool (what to look at), ``worker.lock`` (whoever holds its ``flock`` is *the* worker) and the
FIFO ``wake`` (a byte in it ends the worker's pause). The steps, in the order that matters:

====================================  ==============================================================
hook                              worker
====================================  ==============================================================
D1 the record is in the spool         W1 has the lock (from birth, or :func:`acquire`)
D2 tries the lock                     W2 opens the FIFO (:func:`open_pipe`)
D3 got it: starts a worker, which     W3 reads the spool, works; :func:`wait` empties the FIFO; again W3
   inherits the lock                  W4 releases the lock
D4 did not: a byte into the FIFO      W5 looks at the spool; something new there: tries the lock, W2
====================================  ==============================================================

*No event is lost.* Take a record (D1) and the D2 that follows it.

- D2 got the lock: the worker it starts does W3 after D1. Should it fail to start, the record waits for the timer.
- D2 found the lock held. The holder is a starting hook, whose worker's first W3 is still to come and so after D1;
  or a worker. If that worker had not passed W2, D4 finds no reader, which does no harm: its first W3 is still to come.
  If it had, the byte lies in the FIFO until a ``wait`` takes it out, and a W3 follows; or no ``wait`` follows, then W4
  does, after D2 (the lock was held then), and W5 after that sees the record. If at W5 another has the lock, that other
  one got it after D1, and the argument holds for it.
- A worker that dies anywhere loses its lock with its process (the kernel drops it) and leaves the record on disk: the
  next event or the timer starts another. A record is dropped only after it was noted as due in the database.

*One worker at a time* is what the lock says. The descriptor with the lock is handed from the hook to the worker it
starts, so there is no moment between the two in which another hook could start a second. ``flock`` belongs to the
open file, not to the process: the hook's own copy of the descriptor goes away with it and releases nothing. The
worker's children must not inherit it (:func:`acquire` sees to that), or they would hold the lock after its death.

The lock is for workers and those who start one. Taking it for a mere look ("is a worker alive?") would break the proof:
a hook in that moment would believe that a worker takes care of its event.
"""

import errno
import fcntl
import os

from omnidesk.core.paths import no_link
from omnidesk.hooks import spool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnidesk.core.paths import Paths

LOCK_VARIABLE = "OMNIDESK_LOCK_FD"
WORKER_ARGUMENTS = ("--command", "sync", "--no-wait", "--linger")
# What a worker may know of its starter's environment. All else (PARAM_*, HTTP_*, AUTH_*, QUERY_STRING with the secret…)
# belongs to one request and would leak into every child. HTTP_PROXY is not here: over CGI a stranger can set it.
KEPT = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "MGR5_ROOT")
KEPT_FOR_TLS = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "https_proxy", "no_proxy")
KEPT_PREFIXES = ("LC_", "OMNIDESK_")
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LOWEST_LOCK = 3  # below are the child's own stdin, stdout and stderr


def _open_lock(paths: "Paths") -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    no_link(paths.var)
    try:
        descriptor = os.open(paths.worker_lock, flags, 0o600)
    except FileNotFoundError:
        os.makedirs(paths.var, 0o700, exist_ok=True)
        descriptor = os.open(paths.worker_lock, flags, 0o600)
    if descriptor >= LOWEST_LOCK:
        return descriptor
    try:  # somebody started us without stdin, stdout or stderr
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, LOWEST_LOCK)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def try_lock(paths: "Paths") -> int | None:
    """The descriptor of the worker's lock, now held, or ``None`` when somebody else holds it. Never waits."""
    descriptor = _open_lock(paths)
    try:
        held = _lock(descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    if held:
        return descriptor
    os.close(descriptor)
    return None


def nudge(paths: "Paths") -> bool:
    """A byte into the worker's FIFO; False when nobody reads it. A full FIFO is as good: the worker will wake."""
    try:
        descriptor = os.open(paths.wake_pipe, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as problem:
        if problem.errno in (errno.ENXIO, errno.ENOENT):
            return False
        raise
    try:
        os.write(descriptor, b"!")
    except BlockingIOError:
        return True
    except BrokenPipeError:  # the reader left between the two calls
        return False
    finally:
        os.close(descriptor)
    return True


def wake_worker(paths: "Paths", arguments: "Sequence[str]" = WORKER_ARGUMENTS) -> int:
    """See to it that a worker looks at the spool: wakes the one that lives, or starts one and returns its process id.

    To be called after the record is on disk. Raises ``OSError`` when no worker can be started; the record then waits
    for the timer, so the caller need not care.
    """
    descriptor = try_lock(paths)
    if descriptor is None:
        nudge(paths)
        return 0
    try:
        return _start(paths.executable, arguments, descriptor)
    finally:
        os.close(descriptor)


def _start(executable: str, arguments: "Sequence[str]", lock: int) -> int:
    """Start the worker detached, with the lock and nothing else of ours.

    A panel or web server waits until every copy of its pipes is closed, so each descriptor that we were given (those of
    our own are closed on exec anyway) is closed in the child.
    """
    os.set_inheritable(lock, True)
    null = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDWR, 0)]
    outputs = [(os.POSIX_SPAWN_DUP2, 0, number) for number in (1, 2)]
    strays = [(os.POSIX_SPAWN_CLOSE, number) for number in _open_descriptors() if number > 2 and number != lock]
    return os.posix_spawn(
        executable,
        [executable, *arguments],
        worker_environment(lock),
        file_actions=[*null, *outputs, *strays],
        setsid=True,
        setsigmask=(),  # neither blocked nor ignored signals of the starter: SIGTERM must end a worker
        setsigdef=_ignorable_signals(),
    )


def _open_descriptors() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:
        return list(range(3, 256))


def _ignorable_signals() -> list[int]:
    import _signal  # type: ignore[import-not-found]  # the C half of signal: the other one imports enum

    names = ("SIGHUP", "SIGINT", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGCHLD", "SIGUSR1", "SIGUSR2")
    return [getattr(_signal, name) for name in names]


def worker_environment(lock: int) -> dict[str, str]:
    """The environment of a worker that a hook starts; ``lock`` is the inherited descriptor."""
    kept = {name: value for name, value in os.environ.items() if _may_keep(name)}
    kept.setdefault("PATH", DEFAULT_PATH)
    kept[LOCK_VARIABLE] = str(lock)
    return kept


def _may_keep(name: str) -> bool:
    return name in KEPT or name in KEPT_FOR_TLS or name.startswith(KEPT_PREFIXES)


def acquire(paths: "Paths") -> int | None:
    """W1: the worker's lock, or ``None`` when another worker lives (leave the work to it, :func:`nudge` it).

    A lock inherited from the hook that started this process is taken over. It is believed only when it is the lock
    file of these paths; another number in the variable, say from a person's shell, is ignored.
    """
    inherited = os.environ.pop(LOCK_VARIABLE, "")
    if inherited.isascii() and inherited.isdigit():
        descriptor = int(inherited)
        if _is_lock(paths, descriptor) and _lock(descriptor):
            os.set_inheritable(descriptor, False)
            return descriptor
    return try_lock(paths)


def _is_lock(paths: "Paths", descriptor: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(paths.worker_lock))
    except (OSError, OverflowError):
        return False


def release(lock: int) -> None:
    """W4: let another be the worker."""
    fcntl.flock(lock, fcntl.LOCK_UN)  # explicit: a child that was forked with a copy must not keep it
    os.close(lock)


def leave(paths: "Paths", lock: int, known: "frozenset[tuple[str, int, int]]" = frozenset()) -> int | None:
    """W4 and W5: release the lock, look once more. ``None``: go; else the lock, held again: there is a new event.

    ``known`` are stamps (:func:`omnidesk.hooks.spool.snapshot`) of records that this worker has seen and could not
    take, say because the database is down; they must not keep it running in circles. The FIFO may stay open meanwhile.
    """
    release(lock)
    if spool.snapshot(paths.spool) <= known:
        return None
    return try_lock(paths)


def open_pipe(paths: "Paths") -> int:
    """W2: the reading end of the FIFO, made when it is not there. Only the holder of the lock may call this.

    Opened for writing too, which Linux allows: so the FIFO never reports end of file when a hook hangs up, and a
    signal handler can end :func:`wait` with ``os.write(pipe, b"!")``.
    """
    for _ in range(3):
        try:
            descriptor = os.open(paths.wake_pipe, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            os.makedirs(paths.var, 0o700, exist_ok=True)
            os.mkfifo(paths.wake_pipe, 0o600)
            continue
        if os.fstat(descriptor).st_mode & 0o170000 == 0o010000:
            return descriptor
        os.close(descriptor)
        os.unlink(paths.wake_pipe)
    raise FileExistsError(errno.EEXIST, "not a FIFO, and comes back when it is removed", paths.wake_pipe)


def wait(pipe: int, seconds: float) -> bool:
    """Pause until an event, at most ``seconds``. True when one came; the FIFO is empty then, so read the spool next."""
    import select  # the worker's business only

    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    if not poll.poll(max(0.0, seconds) * 1000):
        return False
    try:
        while os.read(pipe, 4096):
            continue
    except BlockingIOError:
        return True
    return True
