#!/usr/bin/env python3
"""The arrows of the architecture: which folder may include from which. An include is written from
the root, so its text says where it reaches."""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])

# Folder: the folders that it may know beside itself.
MAY_KNOW = {
    'dataplane/wire': set(),
    'dataplane/lease': {'dataplane/wire'},
    'dataplane/server': {'dataplane/lease', 'dataplane/wire'},
    'dataplane/net': {'dataplane/server', 'dataplane/lease', 'dataplane/wire'},
    'storage': {'dataplane/lease', 'dataplane/wire'},
    'control/failover': {'dataplane/lease', 'dataplane/wire'},
    'control/partner': {'control/failover', 'dataplane/lease', 'dataplane/wire'},
    'control/config': {'control/failover', 'dataplane/server', 'dataplane/lease', 'dataplane/wire', 'dataplane/net',
                       'storage'},
    'control/api': {'control/config', 'control/failover', 'dataplane/server', 'dataplane/lease', 'dataplane/wire',
                    'storage'},
    'control/daemon': {'control/failover', 'control/partner', 'control/api', 'control/config', 'dataplane/net', 'dataplane/server',
                       'dataplane/lease', 'dataplane/wire', 'storage'},
    'tools': {'control/api', 'control/config', 'dataplane/wire', 'dataplane/lease'},
}
# What only some folders may include, whatever the arrows say.
ONLY = {
    re.compile(r'^rte_'): ('dataplane/net', 'perf', 'tests/net'),
    re.compile(r'^rocksdb/'): ('storage', 'tests/storage', 'perf'),
    re.compile(r'^boost/'): ('control', 'tools', 'tests/api', 'tests/daemon', 'tests/partner', 'perf/failover'),
    re.compile(r'^spdlog/'): ('control',),
}
# Control fills these settings; it sees nothing else of the packet path.
NET_HEADER_FOR_CONFIG = 'dataplane/net/net_settings.h'

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


def folder_of(path: str) -> str | None:
    for folder in sorted(MAY_KNOW, key=len, reverse=True):
        if path.startswith(folder + '/'):
            return folder
    return None


def faults_of(path: pathlib.Path):
    name = path.relative_to(ROOT).as_posix()
    folder = folder_of(name)
    for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        ours, theirs = match.groups()
        target = ours or theirs
        for pattern, allowed in ONLY.items():
            if pattern.match(target) and not name.startswith(allowed):
                yield f'{name}:{number}: {target} is for {", ".join(allowed)} only'
        if ours is None or folder is None:
            continue
        reached = folder_of(ours)
        if reached is None:
            if ours.startswith('tests/'):
                yield f'{name}:{number}: what ships includes {ours}'
        elif reached != folder and reached not in MAY_KNOW[folder]:
            yield f'{name}:{number}: {folder} may not know {reached}'
        elif folder == 'control/config' and reached == 'dataplane/net' \
                and ours != NET_HEADER_FOR_CONFIG:
            yield f'{name}:{number}: {folder} may know {NET_HEADER_FOR_CONFIG} only'


def main() -> int:
    sources = [path for top in ('dataplane', 'storage', 'control', 'tools', 'tests', 'perf')
               for path in sorted((ROOT / top).rglob('*')) if path.suffix in ('.h', '.cpp')]
    assert len(sources) > 50, f'{ROOT} does not look like our tree'
    faults = [fault for path in sources for fault in faults_of(path)]
    print('\n'.join(faults) or f'{len(sources)} files keep to the arrows')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
