#!/usr/bin/env python3
"""What clang-format and clang-tidy do not see: the length of files and of lines, the first line of a
header, that a source includes its own header first, that a type has its name for itself, and words that have no place
in a finished tree."""
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
FILE_LINES_MAX = 500
SHIPPED = ('dataplane', 'storage', 'control', 'tools')
TYPE = re.compile(r'(?:struct|class|enum class) ([A-Z]\w*)(?: final)?(?: :[^{;]*)? ?\{')  # not one inside another
FORBIDDEN = re.compile(r'\b(TODO|FIXME|XXX|HACK)\b')


def faults_of(path: pathlib.Path):
    name = path.relative_to(ROOT).as_posix()
    lines = path.read_text(encoding='utf-8').splitlines()
    if len(lines) > FILE_LINES_MAX:
        yield f'{name}: {len(lines)} lines; an idea of its own has grown in it: split'
    if path.suffix == '.h' and not lines[0].startswith('//'):
        yield f'{name}:1: a header begins by saying what it is'
    if path.suffix == '.h' and '#pragma once' not in lines:
        yield f'{name}: no #pragma once'
    for number, line in enumerate(lines, 1):
        if path.suffix != '.py' and FORBIDDEN.search(line):
            yield f'{name}:{number}: {line.strip()}'


def is_built(path: pathlib.Path) -> bool:
    """Whether a meson.build above it names it."""
    return any((folder / 'meson.build').is_file() and
               f"'{path.relative_to(folder).as_posix()}'" in (folder / 'meson.build').read_text(encoding='utf-8')
               for folder in path.parents if folder.is_relative_to(ROOT))


def faults_of_pair(path: pathlib.Path):
    """A header with a source of its name is compiled alone by that source, so it needs no unit of its own (see
    meson.build): the source must be built, and nothing may stand before the header."""
    source, header = path.relative_to(ROOT).as_posix(), path.with_suffix('.h').relative_to(ROOT).as_posix()
    if not is_built(path):
        yield f'{source}: no meson.build names it'
    code = [line for line in path.read_text(encoding='utf-8').splitlines() if line and not line.startswith('//')]
    if not code or code[0] != f'#include "{header}"':
        yield f'{source}: its first line of code is not #include "{header}"'


def faults_of_names(headers):
    """Two types of one name and namespace are one to the linker, which takes what a template or an inline function
    made of either for both."""
    places = collections.defaultdict(list)
    for path in headers:
        for line in path.read_text(encoding='utf-8').splitlines():
            if match := TYPE.match(line):
                places[match[1]].append(path.relative_to(ROOT).as_posix())
    return [f'{name} is defined in {" and in ".join(found)}' for name, found in places.items() if len(found) > 1]


def main() -> int:
    sources = [path for top in ('dataplane', 'storage', 'control', 'tools', 'tests', 'perf')
               for path in sorted((ROOT / top).rglob('*')) if path.suffix in ('.h', '.cpp', '.py')]
    assert len(sources) > 50, f'{ROOT} does not look like our tree'
    faults = [fault for path in sources for fault in faults_of(path)]
    faults += [fault for path in sources
               if path.suffix == '.cpp' and path.relative_to(ROOT).parts[0] in SHIPPED and path.with_suffix('.h').exists()
               for fault in faults_of_pair(path)]
    faults += faults_of_names([path for path in sources
                               if path.suffix == '.h' and path.relative_to(ROOT).parts[0] in SHIPPED])
    print('\n'.join(faults) or f'{len(sources)} files are in form')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
