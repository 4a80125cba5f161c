# Carries frames between two interfaces, each one later by a fixed time, and
# notes when which request and answer passed. Where the kernel has no netem.
import collections
import select
import socket
import struct
import sys
import time

near, far, delay, log = sys.argv[1], sys.argv[2], float(sys.argv[3]) / 1000, open(sys.argv[4], "w", 1)
SOL_PACKET, PACKET_VNET_HDR, PACKET_OUTGOING, SO_RCVBUFFORCE = 263, 15, 4, 33


def end(name):
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    # Unfinished checksums and large segments stay what they are.
    link.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    link.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
    link.bind((name, 0))
    link.setblocking(False)
    return link


def note(now, frame, outward):
    """time, direction, protocol, client's port, server:port, payload, flags, and
    name/type of a question to DNS over UDP"""
    if frame[22:24] != b"\x08\x00":
        return
    ip = frame[24:]
    header, protocol = (ip[0] & 15) * 4, ip[9]
    if protocol not in (6, 17):
        return
    total = struct.unpack("!H", ip[2:4])[0] or len(ip)
    source, target = struct.unpack("!HH", ip[header:header + 4])
    if protocol == 6:
        payload, flags = total - header - (ip[header + 12] >> 4) * 4, ip[header + 13]
    else:
        payload, flags = total - header - 8, 0
    peer = socket.inet_ntoa(ip[16:20] if outward else ip[12:16])
    ours, theirs = (source, target) if outward else (target, source)
    print("%.4f" % now, ">" if outward else "<", "tcp" if protocol == 6 else "udp", ours,
          "%s:%d" % (peer, theirs), payload, flags,
          question(ip[header + 8:]) if protocol == 17 and theirs == 53 else "", file=log)


def question(message):
    """The first question of a DNS message, which is never compressed."""
    labels, at = [], 12
    while at < len(message) and message[at]:
        labels.append(message[at + 1:at + 1 + message[at]].decode("ascii", "replace").lower())
        at += 1 + message[at]
    return "%s/%d" % (".".join(labels), int.from_bytes(message[at + 1:at + 3], "big"))


ends = [end(near), end(far)]
other = {ends[0]: ends[1], ends[1]: ends[0]}
queue = collections.deque()
print("ready", flush=True)
while True:
    pause = max(0, queue[0][0] - time.monotonic()) if queue else None
    for link in select.select(ends, [], [], pause)[0]:
        while True:
            try:
                frame, address = link.recvfrom(1 << 17)
            except BlockingIOError:
                break
            if address[2] != PACKET_OUTGOING:
                now = time.monotonic()
                queue.append((now + delay, other[link], frame))
                note(now, frame, link is ends[0])
    now = time.monotonic()
    while queue and queue[0][0] <= now:
        _, link, frame = queue.popleft()
        try:
            link.send(frame)
        except OSError as error:
            print(error, flush=True)
