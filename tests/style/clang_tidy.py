#!/usr/bin/env python3
"""Runs clang-tidy over the sources of what ships, two at a time, with the build's own commands."""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

ROOT, BUILD = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
SHIPPED = ('dataplane', 'storage', 'control', 'tools')


def sources():
    for entry in json.loads((BUILD / 'compile_commands.json').read_text(encoding='utf-8')):
        path = (pathlib.Path(entry['directory']) / entry['file']).resolve()
        if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in SHIPPED:
            yield path


def tidy(path: pathlib.Path):
    done = subprocess.run(
        ['clang-tidy-19', '--quiet', '-p', str(BUILD), str(path),
         # Flags of g++ that clang does not know, and libstdc++'s own use of what it deprecates.
         '--extra-arg=-Wno-unknown-warning-option', '--extra-arg=-Wno-deprecated-declarations'], capture_output=True, text=True, timeout=300, check=False)
    return path, done.returncode, done.stdout


def main() -> int:
    chosen = sorted(set(sources()))
    assert len(chosen) > 20, f'{BUILD} has no commands for our sources'
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, code, output in pool.map(tidy, chosen):
            if code != 0:
                failed += 1
                print(f'{path.relative_to(ROOT)}:\n{output}')
    print(f'{len(chosen)} files, {failed} with findings')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
