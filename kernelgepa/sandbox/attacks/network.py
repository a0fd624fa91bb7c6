"""Attacks on the network: every family of sockets, and the ways around a missing socket call."""

from __future__ import annotations

from kernelgepa.sandbox.attacks.model import Attack

_CONNECT = """
def connect(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as s:
        s.settimeout(0.5)
        s.connect(address)
        s.send(b"forged")
        return "connected"
"""
_TCP = (
    _CONNECT
    + """
attempt(lambda: connect(socket.AF_INET, ("127.0.0.1", bait["tcp"])))
attempt(lambda: connect(socket.AF_INET6, ("::1", bait["tcp6"])))
attempt(lambda: connect(socket.AF_INET6, ("::ffff:127.0.0.1", bait["tcp"])))
def fast_open():
    with socket.socket(socket.AF_INET) as s:
        s.settimeout(0.5)
        return s.sendto(b"forged", socket.MSG_FASTOPEN, ("127.0.0.1", bait["tcp"]))
attempt(fast_open)
"""
)
_UDP = """
for family, host, port in ((socket.AF_INET, "127.0.0.1", bait["udp"]),):
    def send():
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            return s.sendto(b"forged", (host, port))
    attempt(send)
"""
_ABSTRACT = (
    _CONNECT
    + """
attempt(lambda: connect(socket.AF_UNIX, "\\0" + bait["abstract"]))
attempt(lambda: connect(socket.AF_UNIX, "\\0" + bait["abstract"] + "d", socket.SOCK_DGRAM))
"""
)
_PATH = (
    _CONNECT
    + """
attempt(lambda: connect(socket.AF_UNIX, bait["path"]))
attempt(lambda: connect(socket.AF_UNIX, bait["path"] + "d", socket.SOCK_DGRAM))
for path in ("/run/docker.sock", "/run/containerd/containerd.sock", "/run/dbus/system_bus_socket",
             "/run/systemd/private", "/run/snapd.socket"):
    forbidden(path, lambda: connect(socket.AF_UNIX, path))
"""
)
_PAIR = """
for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_DGRAM | 0x80000,
             socket.SOCK_STREAM, socket.SOCK_SEQPACKET):
    for to in (bait["path"] + "d", "\\0" + bait["abstract"] + "d"):
        attempt(lambda: socket.socketpair(socket.AF_UNIX, kind)[0].sendto(b"forged", to))
"""
_VSOCK = """
for cid in (1, 2):
    def connect():
        with socket.socket(40, socket.SOCK_STREAM) as s:
            s.settimeout(0.5)
            s.connect((cid, bait["vsock"]))
            return s.send(b"forged")
    attempt(connect)
forbidden("a vsock socket", lambda: socket.socket(40, socket.SOCK_STREAM))
"""
_NETLINK = """
for protocol in (0, 4, 9, 15, 16):
    forbidden(f"a netlink socket {protocol}",
              lambda: socket.socket(16, socket.SOCK_RAW, protocol).bind((0, 0)))
"""
_FAMILIES = """
kinds = (("raw IP", 2, 3, 1), ("packet", 17, 3, 0), ("crypto", 38, 5, 0), ("bluetooth", 31, 3, 1),
         ("CAN", 29, 3, 1), ("TIPC", 30, 1, 0), ("XDP", 44, 3, 0), ("QRTR", 42, 2, 0),
         ("PPP", 24, 1, 0), ("keys", 15, 3, 2), ("RDS", 21, 5, 0), ("SMC", 43, 1, 0))
for name, family, kind, protocol in kinds:
    forbidden("a socket of " + name, lambda: socket.socket(family, kind, protocol))
"""

ATTACKS = (
    Attack("tcp", "connect to a port of this machine", "network", _TCP),
    Attack("udp", "send a datagram to a port of this machine", "network", _UDP),
    Attack("abstract-socket", "connect to an abstract socket", "network", _ABSTRACT),
    Attack("path-socket", "connect to a socket in a folder", "network", _PATH),
    Attack("socket-pair", "send from one end of a pair to sockets outside", "network", _PAIR),
    Attack("vsock", "connect to the machine that hosts this one", "network", _VSOCK),
    Attack("netlink", "speak with the kernel over netlink", "network", _NETLINK),
    Attack("odd-sockets", "make sockets of rare families", "network", _FAMILIES),
)
