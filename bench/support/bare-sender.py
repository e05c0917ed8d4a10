"""What the kernel takes to send packets as the device does for its viewers, with nothing around it.

Arguments: viewers, packets a second for each, octets of a packet, seconds. A loop without anything else sends two packets
to each viewer's socket on the loopback interface, as often as that makes; another process takes them off. Prints the
microseconds of system time (getrusage(2)) that a packet took.
"""

import os
import resource
import select
import socket
import sys
import time

AT_ONCE = 2


def receive(sockets):
    poll = select.poll()
    by_descriptor = {one.fileno(): one for one in sockets}
    for descriptor in by_descriptor:
        poll.register(descriptor, select.POLLIN)
    parent = os.getppid()
    while os.getppid() == parent:
        for descriptor, _ in poll.poll(1000):
            by_descriptor[descriptor].recv(2048)


def main():
    viewers, rate, octets, seconds = (int(argument) for argument in sys.argv[1:])
    sockets = [socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) for _ in range(viewers)]
    for one in sockets:
        one.bind(("::1", 0))
    addresses = [one.getsockname() for one in sockets]
    if os.fork() == 0:
        receive(sockets)
        os._exit(0)
    sender = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    packet = bytes(octets)
    rounds = seconds * rate // AT_ONCE
    before = resource.getrusage(resource.RUSAGE_SELF).ru_stime
    start = time.monotonic()
    for nth in range(rounds):
        time.sleep(max(0, start + nth * AT_ONCE / rate - time.monotonic()))
        for address in addresses:
            for _ in range(AT_ONCE):
                sender.sendto(packet, address)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_stime - before
    print(used * 1e6 / (rounds * viewers * AT_ONCE))


main()
