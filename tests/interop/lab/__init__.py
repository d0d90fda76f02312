"""The interop laboratory: hosts, links, real DHCPv6 programs and a judge that reads the packets.

Everything lives in network namespaces that a `Laboratory` makes and removes; nothing of it runs in,
or sends to, the network of the machine.
"""
