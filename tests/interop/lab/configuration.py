"""The server's configuration file for the laboratory, from Python values to YAML as a person would write it."""

import json


def _scalar(value):
    if value is True:
        return "yes"
    if value is False:
        return "no"
    if isinstance(value, (int, float)):
        return str(value)
    return json.dumps(value)


def _is_flat(value):
    return not isinstance(value, (dict, list))


def to_yaml(value, indent=0):
    """Block style down to the last level of mappings and lists of scalars, which go on one line."""
    pad = "  " * indent
    if _is_flat(value):
        return _scalar(value)
    if all(_is_flat(item) for item in (value.values() if isinstance(value, dict) else value)) and indent:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{_key(k)}: {_scalar(v)}" for k, v in value.items()) + "}"
        return "[" + ", ".join(_scalar(v) for v in value) + "]"
    lines = []
    if isinstance(value, dict):
        for key, item in value.items():
            inner = to_yaml(item, indent + 1)
            lines.append(f"{pad}{_key(key)}:{chr(10) if chr(10) in inner or inner.startswith('  ') else ' '}{inner}")
    else:
        for item in value:
            inner = to_yaml(item, indent + 1)
            lines.append(f"{pad}- {inner.lstrip()}")
    return "\n".join(lines)


def _key(key):
    return json.dumps(key) if str(key).isdigit() else key


DIRECT_LINK = {
    "name": "street",
    "match": {"port": "access"},
    "address-pools": ["2001:db8:7::/64"],
    "prefix-pools": [{"prefix": "2001:db8:8000::/40", "delegated-length": 56}],
    "lifetimes": {"preferred": "1h", "valid": "2h"},
    "options": {"dns-servers": ["2001:db8::53"], "domain-search": ["example.net"]},
}

RELAYED_LINK = {
    "name": "village",
    "match": {"link-address": "2001:db8:9::/64"},
    "address-pools": ["2001:db8:9::/64"],
    "prefix-pools": [{"prefix": "2001:db8:9000::/40", "delegated-length": 56}],
    "lifetimes": {"preferred": "1h", "valid": "2h"},
    "options": {"dns-servers": ["2001:db8::53"], "domain-search": ["example.net"]},
}


def with_lifetimes(link, preferred, valid, **more):
    """The same link, for clients that are to renew while we watch."""
    return {**link, "lifetimes": {"preferred": preferred, "valid": valid, **more}}


def for_server(links, port_interface, addresses, folder, file_prefix, workers=1, queues=1, **server):
    """A whole configuration: one access port on a kernel interface, no relation to any other server."""
    device = f"net_af_packet0,iface={port_interface}" + (f",qpairs={queues}" if queues > 1 else "")
    return {
        "server": {"control-socket": f"{folder}/control.sock", **server},
        "dataplane": {
            "eal": ["--no-huge", "--no-pci", "-m", "256", "--file-prefix", file_prefix],
            "workers": workers,
            "idle": "sleep",  # the laboratory has no cores to give away
            "leases-max": 100_000,
            "ports": [{"name": "access", "device": device, "addresses": list(addresses)}],
        },
        "storage": {"path": f"{folder}/leases"},
        "links": list(links),
    }
