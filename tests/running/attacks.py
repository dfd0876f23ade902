"""What hostile submissions try: the code of cells, by what it is after."""

from dataclasses import dataclass, field, replace

from autograder.running.sandbox import MIB, Limits

LIMITS = Limits(
    memory=1024 * MIB,
    disk=16 * MIB,
    file_size=8 * MIB,
    processes=30,
    open_files=128,
    cell_cpu=1,
    cell_wall=60,
    notebook_cpu=20,
    notebook_wall=120,
    hand_over=MIB,
    output=MIB,
    restarts=2,
)

SETUP = """
import ctypes, errno, fcntl, glob, mmap, os, signal, socket, stat, struct, subprocess, sys, threading, time
import numpy, torch
from autograder import check, seeded, start
start("hw00_toy")
libc = ctypes.CDLL(None, use_errno=True)
machine = {"x86_64": 0, "aarch64": 1}[os.uname().machine]

def call(function, *arguments):
    result = function(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result

def system(number, *arguments):
    return call(libc.syscall, number[machine], *arguments)

def successes(attempts):
    found = []
    for name, attempt in attempts.items():
        try:
            attempt()
        except OSError:
            continue
        found.append(name)
    return found

def in_a_child(function):
    ours, theirs = os.pipe()
    if os.fork() == 0:
        try:
            os.write(theirs, repr(function()).encode())
        finally:
            os._exit(0)
    os.close(theirs)
    with open(ours) as answer:
        return eval(answer.read())
"""


@dataclass(frozen=True)
class Attack:
    """A cell, what becomes of it (``state``, ``reason``), and the answer ``x`` that it hands over: what it achieved."""

    source: str
    state: str = "ok"
    reason: str = ""
    achieved: object = field(default_factory=list)
    limits: Limits = LIMITS


def stopped(source: str, reason: str, state: str = "timeout", **limits: float) -> Attack:
    return Attack(source, state, reason, None, replace(LIMITS, **limits))


MEMORY = "more than 1,024 MB of memory"
TASKS = "more than 30 processes and threads"
DISK = "more than 16 MB or too many files in one folder"
PRINTED = "more than 1 MB printed"
COMPUTING = "more than 1 seconds of computing"

TOO_MUCH = {
    "fork bomb": stopped("while True: os.fork()", TASKS, "error", cell_cpu=30),
    "fork bomb of children": stopped(
        "while True:\n  if os.fork() == 0:\n    while True: time.sleep(100)",
        TASKS,
        "error",
    ),
    "thread bomb": stopped(
        "while True: threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()", TASKS, "error"
    ),
    "memory of one": stopped("x = torch.ones(2**29)", MEMORY, "error", cell_cpu=30),
    "memory of one, bit by bit": stopped("x = []\nwhile True: x.append(bytearray(2**20))", MEMORY, "error", cell_cpu=30),
    "memory of many": stopped(
        "for _ in range(15):\n  if os.fork() == 0:\n    x = bytearray(100 * 2**20); time.sleep(1000)\ntime.sleep(1000)",
        MEMORY,
        cell_cpu=30,
    ),
    "memory that is shared": stopped("mmap.mmap(-1, 2**20)", "it raised PermissionError", "error"),
    "memory that is shared, of the zero device": stopped(
        "mmap.mmap(os.open('/dev/zero', os.O_RDWR), 2**20)", "it raised OSError", "error"
    ),
    "memory for the tables of memory": stopped(
        """
x = []
for _ in range(60):
    x.append(mmap.mmap(-1, 2**34, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, prot=mmap.PROT_READ))
    x[-1].madvise(mmap.MADV_NOHUGEPAGE)
    numpy.frombuffer(x[-1], numpy.uint8)[:: 2**21].sum()
time.sleep(1000)""",
        MEMORY,
        cell_cpu=30,
    ),
    "memory in sockets": stopped(
        """
def hoard():
    pairs = []
    try:
        while True: pairs.append(socket.socketpair())
    except OSError: pass
    for end in (end for pair in pairs for end in pair):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**23)
        end.setblocking(False)
        try:
            while True: end.send(bytes(2**16))
        except OSError: pass
    time.sleep(1000)
for _ in range(15):
    if os.fork() == 0: hoard()
time.sleep(1000)""",
        MEMORY,
        cell_cpu=30,
        open_files=512,
    ),
    "large file": stopped("open('x', 'wb').write(bytes(9 * 2**20))", "a file larger than 8 MB", "error"),
    "many large files in /tmp": stopped(
        "for n in range(9): open(f'/tmp/{n}', 'wb').write(bytes(2**21))", DISK, "error"
    ),
    "many large files at home": stopped("for n in range(9): open(f'{n}', 'wb').write(bytes(2**21))", DISK, "error"),
    "many large files in shared memory": stopped(
        "for n in range(9): open(f'/dev/shm/{n}', 'wb').write(bytes(2**21))", DISK, "error"
    ),
    "many small files": stopped("for n in range(10**6): open(f'/tmp/{n}', 'w').close()", DISK, "error"),
    "endless print": stopped("while True: print('x' * 1000)", PRINTED, "error"),
    "endless output past the print": stopped("while True: sys.__stdout__.write('x' * 1000)", PRINTED, "error"),
    "endless errors": stopped("while True: sys.stderr.write('x' * 1000)", PRINTED, "error"),
    "endless output of the process": stopped("while True: os.write(1, bytes(2**16))", COMPUTING),
    "endless display": stopped("while True: display('x' * 1000)", COMPUTING),
    "endless loop that ignores interrupts": stopped(
        """
for n in range(1, 65):
    try: signal.signal(n, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True:
    try:
        while True: pass
    except BaseException: pass""",
        COMPUTING,
    ),
    "endless loop of a child": stopped("if os.fork() == 0:\n  while True: pass\nos.wait()", COMPUTING),
    "endless loop of a child that nobody waits for": stopped(
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\nlibc.signal(17, ctypes.c_void_p(1))\n"
        "while True:\n  if os.fork() == 0:\n    until = time.process_time() + 0.3\n    while time.process_time() < until: pass\n    os._exit(0)\n"
        "  time.sleep(0.4)",
        COMPUTING,
    ),
    "endless loop of a grandchild": stopped(
        "while True:\n  if os.fork() == 0:\n    if os.fork(): os._exit(0)\n    until = time.process_time() + 0.3\n"
        "    while time.process_time() < until: pass\n    os._exit(0)\n  os.wait()\n  time.sleep(0.4)",
        COMPUTING,
    ),
    "endless sleep": stopped("time.sleep(1000)", "slept for more than 5 seconds", cell_wall=5),
    "stopping oneself": stopped("os.kill(os.getpid(), signal.SIGSTOP)", "slept for more than 5 seconds", cell_wall=5),
    "huge error": stopped("raise ValueError('x' * 2**23)", "it raised ValueError", "error"),
    "an error number with many digits": stopped("raise OSError('[Errno ' + '9' * 5000 + ']')", "it raised OSError", "error"),
}  # fmt: skip

# A student's code has the key of its own kernel's messages, and its sockets.
FORGE = """
import json, select
from ipykernel.kernelapp import IPKernelApp
kernel = IPKernelApp.instance().kernel
session, parent = kernel.session, kernel.get_parent("shell")["header"]
for shell in range(3, 128):
    try: end = socket.socket(fileno=os.dup(shell))
    except OSError: continue
    if end.family == socket.AF_UNIX and str(end.getsockname()).endswith("-1") and not end.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        break

def wire(parts):
    return b"".join(struct.pack(">BQ", 2 + (n < len(parts)), len(part)) + part for n, part in enumerate(parts, 1))

def forged(content, parent=parent):
    header = session.msg_header("execute_reply")
    parts = [json.dumps(part, default=str).encode() for part in (header, parent, {}, content)]
    return [b"<IDS|MSG>", session.sign(parts), *parts]

def send(data):
    rest = memoryview(data)
    while rest:
        select.select([], [shell], [])
        rest = rest[os.write(shell, rest):]
"""  # fmt: skip
ANSWERS = "answers = int(os.environ['AUTOGRADER_SOCKET'])\nfrom autograder.checks.values import frame\n"
ITS_SOCKETS = "the code wrote to the kernel's own sockets"
TOO_MANY = "more answers than allowed were handed over"

ON_THE_RUNNER = {
    "a reply whose content is none": Attack(FORGE + "send(wire(forged([1, 2])))\ncheck('x', [])"),
    "a reply whose parent is none": Attack(FORGE + "send(wire(forged({}, [1])))\ncheck('x', [])"),
    "a reply whose error has no name": Attack(
        FORGE + "check('x', [])\nsend(wire(forged({'status': 'error', 'ename': [1], 'evalue': {}})))",
        "error",
        "it raised an error",
    ),
    "a reply that nests too deep": Attack(
        FORGE + "parts = forged({})\nparts[-1] = b'[' * 10**5 + b']' * 10**5\n"
        "parts[1] = session.sign(parts[2:])\nsend(wire(parts))\ncheck('x', [])"
    ),
    "endless replies": stopped(FORGE + "message = wire(forged({}, {})) * 100\nwhile True: send(message)", ITS_SOCKETS, "died"),
    "endless long replies": stopped(FORGE + "message = wire(forged('x' * 2**20, {}))\nwhile True: send(message)", ITS_SOCKETS, "died"),
    "a reply of 200 MB": stopped(
        FORGE + "send(struct.pack('>BQ', 2, 200 * 2**20))\ntime.sleep(1000)", ITS_SOCKETS, "died"
    ),
    "a reply of endless parts": stopped(
        FORGE + "parts = struct.pack('>BQ', 3, 2**15) + bytes(2**15)\nwhile True: send(parts)", ITS_SOCKETS, "died"
    ),
    "a reply of endless empty parts": stopped(FORGE + "while True: send(b'\\1\\0' * 10000)", ITS_SOCKETS, "died"),
    "endless answers": stopped(ANSWERS + "while True: os.write(answers, frame({'name': 'z'}, 1) * 100)", TOO_MANY, "error"),
    "endless answers of many": stopped(
        ANSWERS + "for _ in range(4): os.fork()\nwhile True: os.write(answers, frame({'name': 'z'}, 1) * 100)",
        TOO_MANY,
        "error",
        cell_cpu=30,
    ),
    "large answers": stopped(
        ANSWERS + "while True: os.write(answers, frame({'name': 'z'}, torch.zeros(2**16)))", TOO_MANY, "error"
    ),
    "an answer that is too large": stopped(
        "check('x', torch.zeros(2**20))", "an answer larger than allowed was handed over", "error"
    ),
    "an answer that announces too much": stopped(
        ANSWERS + "os.write(answers, struct.pack('>Q', 2**63))", "an answer larger than allowed was handed over", "ok"
    ),
    "an answer that is none": stopped(ANSWERS + "while True: os.write(answers, bytes(2**16))", "not a hand-over (it is cut)", "error"),
    "half an answer": Attack(ANSWERS + "os.write(answers, frame({'name': 'x'}, 1)[:-1])", achieved=None),
    "closing every descriptor": stopped("os.closerange(3, 128)", "the kernel crashed (signal 6)", "died"),
    "another file over every descriptor": stopped(
        "null = os.open('/dev/null', os.O_RDWR)\nfor n in range(3, 100): os.dup2(null, n)",
        "the kernel crashed (signal 6)",
        "died",
    ),
    "closing the answers' socket": Attack(ANSWERS + "os.close(answers)\ncheck('x', [])"),
}  # fmt: skip

# ``given`` tells an attacker more than any knows: where everything is, and which processes there are.
ON_THE_MACHINE = {
    "reading what is the course's": Attack("""
paths = given["files"] + glob.glob(os.path.dirname(given["files"][0]) + "/*")
ways = {}
for path in paths:
    os.symlink(path, link := f"/tmp/{len(ways)}")
    for way in (path, link, "/proc/self/root" + path, "/proc/self/cwd/../.." + path, "../../" + path, "/newroot" + path):
        ways[way] = lambda way=way: os.stat(way)
    ways["file:" + path] = lambda path=path: subprocess.run(["cat", path], check=True, capture_output=True) and None
def tried(attempt):
    try: attempt()
    except subprocess.CalledProcessError: raise OSError
check("x", successes({name: lambda a=attempt: tried(a) for name, attempt in ways.items()}))"""),
    "looking for it everywhere": Attack("""
seen = []
for folder, folders, files in os.walk("/"):
    folders[:] = [f for f in folders if os.path.join(folder, f) not in ("/usr", "/bin", "/lib", "/lib64", "/proc", sys.prefix, sys.base_prefix)]
    seen += [os.path.join(folder, f) for f in files + folders if f in ("gradebook.db", "references.safetensors", "seeds.json", "tests", ".git")]
check("x", seen)"""),
    "writing outside": Attack("""
folders = ["/", "/dev", "/dev/pts", "/proc", "/usr", "/usr/bin", "/etc", "/home", "/root", "/var", "/run", "/sys"] + given["folders"]
folders += [sys.prefix, sys.base_prefix, os.path.dirname(os.__file__)] + [p for p in sys.path if p.startswith("/") and p != os.getcwd()]
files = ["/proc/self/oom_score_adj", "/proc/self/uid_map", "/proc/self/setgroups", "/etc/ld.so.cache", sys.executable, os.__file__]
attempts = {folder: lambda folder=folder: open(os.path.join(folder, "written"), "w") for folder in folders}
attempts |= {file: lambda file=file: open(file, "a").write("1") for file in files}
check("x", successes(attempts))"""),
    "the environment": Attack("""
own = [name for name, value in os.environ.items() if given["nothing"] in value[::-1]]
others = [p for p in glob.glob("/proc/[0-9]*/environ") if given["nothing"] in open(p).read()[::-1]]
check("x", own + others)"""),
    "processes, by their entries": Attack("""
theirs = [pid for pid in glob.glob("/proc/[0-9]*") if os.path.basename(pid) != str(os.getpid())]
attempts = {f"{pid}/{what}": lambda pid=pid, what=what: open(f"/proc/{pid}/{what}", "rb").read(1)
            for pid in [1, *given["pids"]] for what in ("cmdline", "environ", "mem", "maps", "status", "fd/0", "root", "cwd")}
attempts["sys"] = lambda: os.stat("/proc/sys")
attempts["kcore"] = lambda: os.stat("/proc/kcore")
others = [line.split()[4] for line in open("/proc/self/mountinfo") if " - proc " in line]
beside = [p for p in others if os.path.isdir(p) and {n for n in os.listdir(p) if n.isdigit()} - {str(os.getpid())}
          and p != f"/proc/{os.getpid()}"]
check("x", theirs + successes(attempts) + beside)"""),
    "processes, by signals": Attack("""
pids = {*range(2, 3000), *given["pids"]} - {os.getpid()}
attempts = {pid: lambda pid=pid: signal.pidfd_send_signal(os.pidfd_open(pid), 0) for pid in pids}
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGSEGV, signal.SIGKILL, signal.SIGSTOP):
    os.kill(1, number)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.killpg(0, signal.SIGTERM)
for number in (signal.SIGTERM, signal.SIGKILL):
    try: os.kill(-1, number)
    except ProcessLookupError: pass
check("x", successes(attempts))"""),
    "processes, as a debugger": Attack("""
word = ctypes.create_string_buffer(8)
piece = struct.pack("PN", ctypes.addressof(word), 8)
pids = [1, *given["pids"]]
attempts = {f"attach {pid}": lambda pid=pid: call(libc.ptrace, 16, pid, None, None) for pid in pids}
attempts |= {f"read {pid}": lambda pid=pid: call(libc.process_vm_readv, pid, piece, 1, piece, 1, 0) for pid in pids}
def take(pid):
    system((438, 438), os.pidfd_open(pid), 0, 0)
attempts |= {f"descriptor {pid}": lambda pid=pid: take(pid) for pid in pids}
check("x", successes(attempts))"""),
    "sockets out": Attack("""
attempts = {str(a): lambda a=a: socket.create_connection(a, 2) for a in given["tcp"]}
attempts |= {str(a): lambda a=a: socket.socket(socket.AF_UNIX).connect(a) for a in given["unix"]}
attempts |= {"a name": lambda: socket.getaddrinfo("example.org", 80)}
attempts |= {"far": lambda: socket.create_connection(("192.0.2.1", 80), 2)}
attempts |= {"far, UDP": lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53))}
for address in given["udp"]:
    socket.socket(type=socket.SOCK_DGRAM).sendto(b"out", tuple(address))
check("x", successes(attempts))"""),
    "sockets of families that know no namespaces": Attack("""
known = {socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK}
families = [family for family in range(64) if family not in known]
kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_RAW)
check("x", successes({f: lambda f=f, k=k: socket.socket(f, k) for f in families for k in kinds}))"""),
    "descriptors": Attack("""
strange = []
for number in range(3, 128):
    try: what = os.readlink(f"/proc/self/fd/{number}")
    except OSError: continue
    if what.startswith("socket:"):
        end = socket.socket(fileno=os.dup(number))
        if end.family == socket.AF_UNIX and (end.type != socket.SOCK_STREAM or given["folder"] in str(end.getpeername() if not end.getsockopt(1, 30) else "")):
            strange.append(f"{number} {what} {end}")
    elif what == "/memfd:exams (deleted)":
        try: strange.append(os.pwrite(number, b"x", 0))
        except PermissionError: pass
    elif what.split(":")[0] not in ("anon_inode", "pipe", "/dev/null"):
        strange.append(f"{number} {what}")
shared = [line for line in open("/proc/self/maps") if line.split()[1][1::2] == "ws"]
check("x", strange + shared)"""),
    "descriptors turned round": Attack("""
listening, answers = [], int(os.environ["AUTOGRADER_SOCKET"])
for number in range(3, 64):
    try: end = socket.socket(fileno=os.dup(number))
    except OSError: continue
    if end.family == socket.AF_UNIX and end.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN): listening.append(end)
attempts = {}
for n, end in enumerate([*listening, socket.socket(fileno=os.dup(answers))]):
    end.setblocking(False)
    for address in given["unix"]:
        attempts[f"{n} to {address}"] = lambda end=end, address=address: end.connect(address)
    attempts[f"{n} named"] = lambda end=end: end.bind("\\0" + given["name"])
    attempts[f"{n} listening"] = lambda end=end: end.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) or end.listen()
    def into_peer(end=end, what=0):
        peer = struct.unpack("i", end.getsockopt(socket.SOL_SOCKET, 77, 4))[0]
        if what == 0: signal.pidfd_send_signal(peer, 0)
        if what == 1: system((438, 438), peer, 0, 0)
        if what == 2: fcntl.ioctl(peer, 0xFF05)
    attempts |= {f"{n} peer {what}": lambda f=into_peer, what=what: f(what=what) for what in range(3)}
check("x", [a for a in successes(attempts) if not (a.endswith("listening") and int(a.split()[0]) < len(listening))])"""),
    "namespaces within": Attack("""
kinds = {"mount": 0x20000, "cgroup": 0x2000000, "uts": 0x4000000, "ipc": 0x8000000, "user": 0x10000000, "pid": 0x20000000,
         "net": 0x40000000, "time": 0x80}
def unshared(flags):
    call(libc.unshare, flags)
def cloned(flags):
    if system((56, 220), flags | signal.SIGCHLD, 0, 0, 0, 0) == 0:
        os._exit(0)
attempts = {f"unshare {name}": lambda flag=flag: unshared(flag) for name, flag in kinds.items()}
attempts |= {f"unshare user and {name}": lambda flag=flag: unshared(flag | kinds["user"]) for name, flag in kinds.items()}
attempts |= {f"clone user and {name}": lambda flag=flag: cloned(flag | kinds["user"]) for name, flag in kinds.items() if flag != 0x80}
arguments = struct.pack("11Q", kinds["user"], 0, 0, 0, signal.SIGCHLD, 0, 0, 0, 0, 0, 0)
attempts["clone3 user"] = lambda: system((435, 435), arguments, len(arguments)) or os._exit(0)
attempts |= {f"setns {name}": lambda name=name: call(libc.setns, os.open(f"/proc/self/ns/{name}", os.O_RDONLY), 0)
             for name in ("mnt", "user", "pid", "net", "ipc")}
tools = [t for t in (["unshare", "-Ur", "true"], ["bwrap", "--bind", "/", "/", "true"])
         if subprocess.run(["sh", "-c", 'exec "$@"', "sh", *t], capture_output=True).returncode == 0]
check("x", in_a_child(lambda: successes(attempts)) + tools)"""),
    "mounts": Attack("""
handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + bytes(128))
where = ctypes.create_string_buffer(8)
call(libc.name_to_handle_at, -100, b"/tmp", handle, where, 0)
covers = ["/tmp", "/dev/shm", "/dev/pts", "/home/student", "/proc", "/"]
attempts = {f"umount {p}": lambda p=p: call(libc.umount2, p.encode(), 2) for p in covers}
attempts |= {f"remount {p}": lambda p=p: call(libc.mount, None, p.encode(), None, 32 | 4096, None) for p in ["/usr", *covers]}
attempts |= {
    "tmpfs": lambda: call(libc.mount, b"x", b"/tmp", b"tmpfs", 0, b"size=8g"),
    "proc": lambda: call(libc.mount, b"x", b"/tmp", b"proc", 0, None),
    "bind": lambda: call(libc.mount, b"/", b"/tmp", None, 4096, None),
    "open_tree": lambda: system((428, 428), -100, b"/", 1),
    "fsopen": lambda: system((430, 430), b"tmpfs", 0),
    "chroot": lambda: os.chroot("/tmp"),
    "pivot_root": lambda: system((155, 41), b"/tmp", b"/tmp"),
    "device": lambda: os.mknod("/tmp/disk", 0o600 | stat.S_IFBLK, os.makedev(254, 0)),
    "handle": lambda: call(libc.open_by_handle_at, os.open("/tmp", os.O_RDONLY), handle, 0),
    "root": lambda: os.setuid(0),
    "host's name": lambda: socket.sethostname("mine"),
}
check("x", in_a_child(lambda: successes(attempts)))"""),
    "what nobody counts, and what others need": Attack("""
numbers = {"add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "io_setup": (206, 0), "io_uring": (425, 425)}
numbers |= {"memfd_secret": (447, 447), "mq_open": (240, 180), "inotify_init1": (294, 26)}
room = ctypes.create_string_buffer(512)
attempts = {
    "session keyring": lambda: system(numbers["keyctl"], 0, -3, 1),
    "key": lambda: system(numbers["add_key"], b"user", b"note", b"hello", 5, ctypes.c_long(-3)),
    "asked key": lambda: system(numbers["request_key"], b"user", b"note", None, ctypes.c_long(-3)),
    "memfd": lambda: os.memfd_create("x"),
    "secret memfd": lambda: system(numbers["memfd_secret"], 0),
    "shared memory": lambda: call(libc.shmget, 0, ctypes.c_size_t(2**20), 0o1600),
    "semaphores": lambda: call(libc.semget, 0, 30000, 0o1600),
    "messages": lambda: call(libc.msgget, 0, 0o1600),
    "queue": lambda: system(numbers["mq_open"], b"queue", os.O_CREAT | os.O_RDWR, 0o600, None),
    "aio": lambda: system(numbers["io_setup"], 1000, room),
    "io_uring": lambda: system(numbers["io_uring"], 4, room),
    "inotify": lambda: system(numbers["inotify_init1"], 0),
}
check("x", successes(attempts))"""),
}  # fmt: skip

# What it leaves behind: the submission after it says what it sees.
LEAVING = """
import builtins, matplotlib, random
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for n in set(range(1, 65)) - {9, 19, 32, 33}: signal.signal(n, signal.SIG_IGN)
        while True: time.sleep(1000)
    os._exit(0)
subprocess.Popen(["sleep", "98764"], start_new_session=True)
for folder in ("/tmp", "/dev/shm", os.path.expanduser("~"), "."):
    open(os.path.join(folder, "sitecustomize.py"), "w").write("raise SystemExit")
os.environ["LEFT"] = sys.modules["left"] = "here"
torch.matmul = torch.Tensor.__matmul__ = torch.tanh = lambda *a, **k: torch.zeros(6, 6, requires_grad=True)
torch.set_default_dtype(torch.float64), torch.set_grad_enabled(False)
sys.modules["autograder"].check = sys.modules["numpy"].random.rand = builtins.abs = None
matplotlib.rcParams["figure.figsize"] = (1, 1)
torch.manual_seed(7), numpy.random.seed(7), random.seed(7)
sys.setrecursionlimit(500)
"""
SEEN = """
import hashlib, matplotlib, random
def short(value): return hashlib.sha256(repr(value).encode()).hexdigest()[:8]
check("y", {
    "files": [sorted(os.listdir(folder)) for folder in ("/tmp", "/dev/shm", os.path.expanduser("~"), ".", "/dev/pts", "/dev")],
    "modules": short(sorted(sys.modules)), "environment": short(sorted(set(os.environ.items()) - {("AUTOGRADER_SEED", os.environ["AUTOGRADER_SEED"])})),
    "figures": short(sorted(map(str, matplotlib.rcParams.items()))), "random": [random.random(), abs(-3), sys.getrecursionlimit()],
    "torch": [torch.matmul.__module__ or "", str(torch.get_default_dtype()), torch.is_grad_enabled()],
    "processes": [p for p in os.listdir("/proc") if p.isdigit()],
})
"""
HONEST = """
w = seeded("w").normal(6, 6).requires_grad_()
torch.tanh(w @ w.T).sum().backward()
check("x", [w.grad, torch.rand(4), torch.tensor(numpy.random.rand(3))])
"""
