#!/usr/bin/env python3
"""Mutants: deliberate defects of what ships, in a copy of the tree and nowhere else.

    mutants.py --check ROOT           does every mutant of this folder still apply to the tree?
    mutants.py --list                 name, rules and expected checkers of each
    mutants.py --generate ROOT INTO   a copy of the tree that holds all of them, switched

README.md beside this file tells the format. All mutants stand in the copy at once; the environment
variable TANDEM6_MUTANT chooses one, or none. The header mutants.h of the copy goes into every source
by `-include`.
"""
import argparse
import dataclasses
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
KINDS = ('expression', 'statement', 'ahead')
# Only what ships has mutants: the campaign and its checkers are what is put to the test.
SHIPPING = ('dataplane/', 'control/', 'storage/')
NAME = re.compile(r'[a-z0-9]+(-[a-z0-9]+)+')


class MutantError(Exception):
    """The message names file, line and mutant."""


@dataclasses.dataclass
class Edit:
    """One place of one mutant."""
    file: str
    where: str  # "states.mutants:17", for people
    kind: str = ''
    after: str = ''  # the original text is the first of its kind behind this one
    original: list[str] = dataclasses.field(default_factory=list)
    replacement: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Mutant:
    name: str
    where: str
    breaks: str = ''
    seen: str = ''
    needs: str = ''  # what the campaign lacks to show it
    edits: list[Edit] = dataclasses.field(default_factory=list)


def parse(text: str, source: str) -> list[Mutant]:
    mutants: list[Mutant] = []

    def fail(number: int, what: str):
        raise MutantError(f'{source}:{number}: {what}')

    for number, line in enumerate(text.splitlines(), 1):
        where = f'{source}:{number}'
        words = line.strip()
        if not words or words.startswith('#'):
            continue
        key, _, value = words.partition(' ')
        value = value.strip()
        if key == 'mutant':
            if not NAME.fullmatch(value):
                fail(number, f'a name is small words with hyphens, not "{value}"')
            mutants.append(Mutant(value, where))
            continue
        if not mutants:
            fail(number, 'before the first mutant')
        mutant = mutants[-1]
        if key in ('breaks', 'seen', 'needs'):
            setattr(mutant, key, value)
        elif key == 'in':
            mutant.edits.append(Edit(value, where))
        elif not mutant.edits:
            fail(number, f'"{key}" before "in"')
        elif key in KINDS and not value:
            mutant.edits[-1].kind = key
        elif key == 'after':
            mutant.edits[-1].after = value
        elif key == '-':
            mutant.edits[-1].original.append(value)
        elif key == '+':
            mutant.edits[-1].replacement.append(value)
        else:
            fail(number, f'"{words}" is not understood')
    return mutants


def check_form(mutants: list[Mutant]):
    seen: dict[str, Mutant] = {}
    for mutant in mutants:
        def fail(what: str, where: str = mutant.where, name: str = mutant.name):
            raise MutantError(f'{where}: {name}: {what}')
        if mutant.name in seen:
            fail(f'stands at {seen[mutant.name].where} too')
        seen[mutant.name] = mutant
        if not re.search(r'\b[FSR]-\d', mutant.breaks):
            fail('"breaks" names no requirement or ruling')
        if not mutant.seen:
            fail('"seen" does not say by which checker')
        if not mutant.edits:
            fail('"in" is missing')
        for edit in mutant.edits:
            if not edit.file.startswith(SHIPPING):
                fail(f'{edit.file} does not ship', edit.where)
            if not edit.kind:
                fail(f'is it {", ".join(KINDS)}?', edit.where)
            if not edit.original:
                fail('no original text', edit.where)
            marks = [' '.join(edit.original).count(mark) for mark in (OPEN, CLOSE)]
            if marks not in ([0, 0], [1, 1]):
                fail(f'one {OPEN} and one {CLOSE}, or none', edit.where)
            if edit.kind != 'statement' and not edit.replacement:
                fail('no replacement', edit.where)


def check_rules(mutants: list[Mutant], root: pathlib.Path):
    """Each F- and S- is a row of the requirement files; R- are rulings of the design."""
    rows = {line.split(',', 1)[0] for path in (root / 'tests/requirements').glob('*.csv')
            for line in path.read_text(encoding='utf-8').splitlines()}
    for mutant in mutants:
        for rule in mutant.breaks.split():
            if rule not in rows and not re.fullmatch(r'R-\d\d', rule):
                raise MutantError(f'{mutant.where}: {mutant.name}: there is no {rule}')


def read_all(folder: pathlib.Path = HERE) -> list[Mutant]:
    mutants = [mutant for path in sorted(folder.glob('*.mutants'))
               for mutant in parse(path.read_text(encoding='utf-8'), path.name)]
    check_form(mutants)
    return mutants


# --- Places in a text.

OPEN, CLOSE = '<<<', '>>>'


def pattern_of(text: str) -> re.Pattern:
    """Its one group is what is switched: all, or what stands between <<< and >>>. Line breaks and
    indentation are the formatter's; they do not count."""
    if OPEN not in text:
        text = OPEN + text + CLOSE
    # Spaces at the marks, outside or inside of them, stay outside of the group.
    text = re.sub(rf'{OPEN}(\s+)', rf'\1{OPEN}', text)
    text = re.sub(rf'(\s+){CLOSE}', rf'{CLOSE}\1', text)
    parts = re.split(rf'(\s+|{OPEN}|{CLOSE})', text.strip())
    marks = {OPEN: '(', CLOSE: ')'}
    return re.compile(''.join(r'\s+' if part.isspace() else marks.get(part) or re.escape(part)
                              for part in parts))


def place_of(edit: Edit, name: str, text: str) -> tuple[int, int]:
    """Where the original stands. It, or the text that it comes after, is there exactly once."""
    begin = 0
    wanted = '\n'.join(edit.original)
    if edit.after:
        begin = only_place(edit.after, edit, name, text)[1]
        found = pattern_of(wanted).search(text, begin)
        if found is None:
            raise MutantError(f'{edit.where}: {name}: behind "{edit.after}" {edit.file} has no '
                              f'"{wanted}"')
        return found.span(1)
    return only_place(wanted, edit, name, text)


def only_place(wanted: str, edit: Edit, name: str, text: str) -> tuple[int, int]:
    found = list(pattern_of(wanted).finditer(text))
    if len(found) != 1:
        raise MutantError(f'{edit.where}: {name}: {edit.file} has "{wanted}" '
                          f'{len(found)} times, not once')
    return found[0].span(1)


@dataclasses.dataclass
class Place:
    begin: int
    end: int
    kind: str
    choices: list[tuple[int, str]]  # number of the mutant, replacement
    inner: list['Place'] = dataclasses.field(default_factory=list)


def places_in(file: str, mutants: list[Mutant], text: str) -> list[Place]:
    """The places of a file, nested; several mutants of one place share it."""
    places: dict[tuple[int, int], Place] = {}
    faults = []
    for number, mutant in enumerate(mutants):
        for edit in mutant.edits:
            if edit.file != file:
                continue
            try:
                span = place_of(edit, mutant.name, text)
            except MutantError as error:
                faults.append(str(error))
                continue
            place = places.setdefault(span, Place(*span, edit.kind, []))
            if place.kind != edit.kind:
                raise MutantError(f'{edit.where}: {mutant.name}: one place, two kinds')
            place.choices.append((number, '\n'.join(edit.replacement)))
    if faults:
        raise MutantError('\n'.join(faults))
    outermost: list[Place] = []
    open_places: list[Place] = []
    for place in sorted(places.values(), key=lambda each: (each.begin, -each.end)):
        while open_places and open_places[-1].end <= place.begin:
            open_places.pop()
        if open_places and place.end > open_places[-1].end:
            names = [mutants[number].name for number, _ in place.choices]
            raise MutantError(f'{file}: {", ".join(names)}: overlaps another mutant by half')
        (open_places[-1].inner if open_places else outermost).append(place)
        open_places.append(place)
    return outermost


def render(text: str, begin: int, end: int, places: list[Place]) -> str:
    parts = []
    at = begin
    for place in places:
        parts += [text[at:place.begin], switched(text, place)]
        at = place.end
    return ''.join(parts) + text[at:end]


def switched(text: str, place: Place) -> str:
    right = render(text, place.begin, place.end, place.inner)
    if place.kind == 'expression':
        for number, wrong in reversed(place.choices):
            right = f'(::tandem6::mutant_is_on({number}) ? ({wrong}) : ({right}))'
        return right
    tests = ' else '.join(f'if (::tandem6::mutant_is_on({number})) {{ {wrong} }}'
                          for number, wrong in place.choices)
    if place.kind == 'ahead':
        return f'{tests} {right}'
    # Braces of its own: it may be the only statement of an `if`.
    return f'{{ {tests} else {{ {right} }} }}'


# --- The copy.

HEADER = '''// Generated by mutants.py. Goes into every source of this copy by -include.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace tandem6 {{

inline constexpr const char* kMutantNames[] = {{
{names}
}};

inline int chosen_mutant() noexcept {{
  const char* const name = std::getenv("TANDEM6_MUTANT");
  if (name == nullptr || *name == 0) return -1;
  int number = 0;
  for (const char* const each : kMutantNames) {{
    if (std::strcmp(each, name) == 0) return number;
    ++number;
  }}
  std::fprintf(stderr, "no mutant is called %s\\n", name);
  std::_Exit(2);
}}
inline const int kChosenMutant = chosen_mutant();

constexpr bool mutant_is_on(int number) noexcept {{
  return !__builtin_is_constant_evaluated() && kChosenMutant == number;
}}

}}  // namespace tandem6
'''


def mutated_files(root: pathlib.Path, mutants: list[Mutant]) -> dict[str, str]:
    """Every file that a mutant changes, as it is in the copy. Raises MutantError."""
    result = {}
    faults = []
    for file in sorted({edit.file for mutant in mutants for edit in mutant.edits}):
        path = root / file
        if not path.is_file():
            where = next(edit.where for mutant in mutants for edit in mutant.edits
                         if edit.file == file)
            raise MutantError(f'{where}: there is no {file}')
        text = path.read_text(encoding='utf-8')
        try:
            result[file] = render(text, 0, len(text), places_in(file, mutants, text))
        except MutantError as error:
            faults.append(str(error))
    if faults:
        raise MutantError('\n'.join(faults))
    return result


def tree_of(root: pathlib.Path) -> list[str]:
    """What git knows or would know."""
    listed = subprocess.run(['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
                            cwd=root, check=True, capture_output=True, text=True).stdout
    return [name for name in sorted(set(listed.split('\0'))) if name and (root / name).is_file()]


def put(path: pathlib.Path, octets: bytes, mode: int):
    """Leaves alone what is so already: nothing is compiled twice."""
    if path.is_file() and path.read_bytes() == octets:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(octets)
    path.chmod(mode)


def generate(root: pathlib.Path, into: pathlib.Path) -> list[Mutant]:
    mutants = read_all()
    changed = mutated_files(root, mutants)
    names = tree_of(root)
    for name in names:
        source = root / name
        octets = changed[name].encode() if name in changed else source.read_bytes()
        put(into / name, octets, source.stat().st_mode & 0o777)
    header = HEADER.format(names='\n'.join(f'    "{mutant.name}",' for mutant in mutants))
    put(into / 'mutants.h', header.encode(), 0o644)
    kept = {*names, 'mutants.h'}
    for path in into.rglob('*'):
        if path.is_file() and path.relative_to(into).as_posix() not in kept:
            path.unlink()
    return mutants


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--check', metavar='ROOT', type=pathlib.Path)
    parser.add_argument('--list', action='store_true')
    parser.add_argument('--generate', metavar=('ROOT', 'INTO'), nargs=2, type=pathlib.Path)
    arguments = parser.parse_args()
    try:
        if arguments.list:
            for mutant in read_all():
                print(f'{mutant.name:55} {mutant.breaks:22} {mutant.seen}')
        if arguments.check:
            mutants = read_all()
            check_rules(mutants, arguments.check)
            files = mutated_files(arguments.check, mutants)
            print(f'{len(mutants)} mutants apply to {len(files)} files')
        if arguments.generate:
            generate(*arguments.generate)
    except MutantError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
