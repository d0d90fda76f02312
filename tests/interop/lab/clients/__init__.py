"""Real DHCPv6 clients, each in a class that starts it, reads what it was given, and makes it release."""

from .dhclient import Dhclient
from .dhcpcd import Dhcpcd
from .dibbler import DibblerClient
from .wide import Wide

ALL = (Dhclient, Dhcpcd, DibblerClient, Wide)
