#!/usr/bin/env python3
"""A mutant that cannot be applied says so, and what is applied is what was meant."""
import pathlib
import tempfile
import unittest

import mutants

ONE = '''
mutant a-sum-is-a-difference
  breaks R-15
  seen a: two clients
  in dataplane/sum.cpp
  expression
  - a + b
  + a - b
'''


class Applying(unittest.TestCase):
    def apply(self, description: str, source: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / 'dataplane').mkdir()
            (root / 'dataplane/sum.cpp').write_text(source)
            parsed = mutants.parse(description, 'test')
            mutants.check_form(parsed)
            return mutants.mutated_files(root, parsed)['dataplane/sum.cpp']

    def refuses(self, what: str, description: str, source: str = 'return a + b;'):
        with self.assertRaisesRegex(mutants.MutantError, what):
            self.apply(description, source)

    def test_expression(self):
        self.assertEqual(self.apply(ONE, 'return a +\n    b;'),
                         'return (::tandem6::mutant_is_on(0) ? (a - b) : (a +\n    b));')

    def test_two_of_one_place(self):
        two = ONE + ONE.replace('a-sum-is-a-difference', 'a-sum-is-a-product').replace(
            '+ a - b', '+ a * b')
        self.assertEqual(self.apply(two, 'a + b'),
                         '(::tandem6::mutant_is_on(0) ? (a - b) : '
                         '((::tandem6::mutant_is_on(1) ? (a * b) : (a + b))))')

    def test_statement_and_what_stands_in_it(self):
        statement = '''
mutant nothing-is-returned
  breaks R-01
  seen f
  in dataplane/sum.cpp
  statement
  - return a + b;
'''
        self.assertEqual(self.apply(ONE + statement, 'if (x) return a + b;'),
                         'if (x) { if (::tandem6::mutant_is_on(1)) {  } else { return '
                         '(::tandem6::mutant_is_on(0) ? (a - b) : (a + b)); } }')

    def test_ahead(self):
        ahead = ONE.replace('expression', 'ahead').replace('+ a - b', '+ return 0;')
        self.assertEqual(self.apply(ahead, 'a + b;'),
                         'if (::tandem6::mutant_is_on(0)) { return 0; } a + b;')

    def test_after(self):
        after = ONE.replace('  expression', '  after second:\n  expression')
        self.assertTrue(self.apply(after, 'a + b; second: a + b;').startswith('a + b; second: (::'))
        self.refuses('has no "a \\+ b"', after, 'a + b; second: a;')

    def test_what_stands_around(self):
        marked = ONE.replace('- a + b', '- = <<<a + b>>>;')
        self.assertEqual(self.apply(marked, 'a + b = a +\n b;'),
                         'a + b = (::tandem6::mutant_is_on(0) ? (a - b) : (a +\n b));')
        self.refuses('or none', ONE.replace('- a + b', '- <<<a + b'))

    def test_what_cannot_be_applied(self):
        self.refuses('0 times', ONE, 'return a - b;')
        self.refuses('2 times', ONE, 'return a + b - a + b;')
        self.refuses('there is no dataplane/other.cpp', ONE.replace('sum.cpp', 'other.cpp'))
        half = ONE + ONE.replace('a-sum-is-a-difference', 'a-half-of-it').replace('- a + b', '- b + c')
        self.refuses('overlaps', half, 'a + b + c')

    def test_what_is_badly_formed(self):
        self.refuses('stands at', ONE + ONE)
        self.refuses('requirement', ONE.replace('R-15', 'something'))
        self.refuses('by which checker', ONE.replace('  seen a: two clients\n', ''))
        self.refuses('does not ship', ONE.replace('dataplane/sum', 'tests/sum'))
        self.refuses('is it expression', ONE.replace('  expression\n', ''))
        self.refuses('not understood', ONE.replace('expression', 'expresion'))
        self.refuses('small words', ONE.replace('a-sum-is-a-difference', 'Sum'))


if __name__ == '__main__':
    unittest.main()
