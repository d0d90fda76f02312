#!/usr/bin/env python3
"""Writes a source file that includes one header and nothing else: it compiles only if the header
includes all that it uses."""
import os
import sys

header, output, root = sys.argv[1:4]
with open(output, 'w', encoding='utf-8') as source:
    source.write(f'#include "{os.path.relpath(header, root)}"\n')
