"""Each kind of wrong configuration: the daemon says where, what, why and what would be right, and does not start."""

import re
import tempfile
import unittest
from pathlib import Path

from lab import process
from lab.server import DAEMON

GOOD = """\
server:
  duid: "00:03:00:01:02:00:00:00:00:01"
  preference: 0
  log: {level: info, format: text}
dataplane:
  eal: ["--no-huge", "--no-pci", "-m", "256"]
  workers: 1
  ports:
    - name: access
      device: "net_af_packet0,iface=lo"
      addresses: ["fe80::1", "2001:db8:ffff::1"]
storage:
  path: /var/lib/tandem6
links:
  - name: street
    match: {port: access}
    address-pools: ["2001:db8:7::/64"]
    prefix-pools:
      - {prefix: "2001:db8:8000::/36", delegated-length: 56}
    lifetimes: {preferred: 12h, valid: 24h}
    options:
      dns-servers: ["2001:db8::53"]
  - name: village
    match: {link-address: "2001:db8:9::/64"}
    address-pools: ["2001:db8:9::/64"]
    reservations:
      - {duid: "00:03:00:01:02:00:00:00:00:aa", address: "2001:db8:9::100"}
"""

HERE = "«"  # marks, in a wrong text, the place that the message must name


class ConfigurationErrors(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.file = Path(self.folder.name) / "tandem6.yaml"

    def check(self, text):
        self.file.write_text(text)
        return process.run([DAEMON, "--check", "--config", self.file], timeout=20, check=False)

    def assert_wrong(self, right_text, wrong_text, *words):
        """Replaces a piece of the good file by a wrong one, and expects one message, at the mark, with these words."""
        self.assertEqual(GOOD.count(right_text), 1, right_text)
        text = GOOD.replace(right_text, wrong_text)
        before = text[:text.index(HERE)]
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        done = self.check(text.replace(HERE, ""))
        self.assertEqual(done.returncode, 1, done.stderr)
        messages = done.stderr.strip().splitlines()
        self.assertEqual(len(messages), 1, done.stderr)
        found = re.fullmatch(r"(.+?):(\d+):(\d+): (.+): (.+); (.+)", messages[0])
        self.assertTrue(found, messages[0])
        self.assertEqual((found[1], int(found[2]), int(found[3])), (str(self.file), line, column), messages[0])
        for word in words:
            self.assertIn(word, messages[0])


class TestGood(ConfigurationErrors):
    def test_the_good_file_is_good(self):
        done = self.check(GOOD)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class TestFile(ConfigurationErrors):
    def test_no_such_file(self):
        done = process.run([DAEMON, "--check", "--config", "/nonexistent/tandem6.yaml"], check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nonexistent/tandem6.yaml: cannot read the file", done.stderr)

    def test_an_empty_file(self):
        done = self.check("")
        self.assertEqual(done.returncode, 1)
        self.assertIn("dataplane.ports is missing", done.stderr)
        self.assertIn("links is missing", done.stderr)

    def test_not_yaml(self):
        done = self.check(GOOD.replace("format: text}", "format: text"))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"tandem6\.yaml:\d+:\d+: not YAML")

    def test_several_faults_are_found_in_one_go(self):
        done = self.check(GOOD.replace("preference: 0", "preference: 300").replace("workers: 1", "workers: 0"))
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stderr.strip().splitlines()), 2, done.stderr)

    def test_the_daemon_does_not_start_with_it(self):
        self.file.write_text(GOOD.replace("workers: 1", "workers: 0"))
        done = process.run([DAEMON, "--config", self.file], timeout=20, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.file}:7:", done.stderr)


class TestKeys(ConfigurationErrors):
    def test_unknown_at_the_top(self):
        self.assert_wrong("storage:", f"{HERE}storrage:", "unknown key", "storrage", 'did you mean "storage"?')

    def test_unknown_in_a_section(self):
        self.assert_wrong("preference: 0", f"{HERE}preferance: 0", "unknown key", 'did you mean "preference"?')

    def test_unknown_in_a_link(self):
        self.assert_wrong("lifetimes:", f"{HERE}life-times:", "unknown key", 'did you mean "lifetimes"?')

    def test_twice(self):
        self.assert_wrong("preference: 0", f"preference: 0\n  {HERE}preference: 1", "stands twice", "line 3")

    def test_missing(self):
        done = self.check(GOOD.replace("    match: {port: access}\n", ""))
        self.assertEqual(done.returncode, 1)
        self.assertIn("match is missing", done.stderr)


class TestValues(ConfigurationErrors):
    def test_a_number_out_of_range(self):
        self.assert_wrong("preference: 0", f"preference: {HERE}256", "256", "from 0 to 255")

    def test_a_word_for_a_number(self):
        self.assert_wrong("workers: 1", f"workers: {HERE}many", "many")

    def test_a_bad_duration(self):
        self.assert_wrong("preferred: 12h", f"preferred: {HERE}12x", "12x")

    def test_a_bad_address(self):
        self.assert_wrong('"2001:db8::53"', f'{HERE}"2001:db8:::53"', "2001:db8:::53")

    def test_a_bad_prefix(self):
        self.assert_wrong('["2001:db8:7::/64"]', f'[{HERE}"2001:db8:7::/129"]', "2001:db8:7::/129")

    def test_host_bits_in_a_prefix(self):
        self.assert_wrong('["2001:db8:7::/64"]', f'[{HERE}"2001:db8:7::1/64"]', "2001:db8:7::1/64")

    def test_a_bad_duid(self):
        self.assert_wrong('"00:03:00:01:02:00:00:00:00:aa"', f'{HERE}"00:03"', "00:03")

    def test_a_bad_choice(self):
        self.assert_wrong("level: info", f"level: {HERE}loud", "loud")

    def test_a_scalar_for_a_mapping(self):
        self.assert_wrong("{preferred: 12h, valid: 24h}", f"{HERE}12h", "lifetimes")


class TestLifetimes(ConfigurationErrors):
    def test_preferred_above_valid(self):
        """S-180"""
        self.assert_wrong("preferred: 12h", f"preferred: {HERE}48h", "preferred", "valid", "8415")

    def test_t1_above_t2(self):
        """S-181"""
        self.assert_wrong("valid: 24h}", f"valid: 24h, t1: {HERE}8h, t2: 4h}}", "t1", "t2", "8415")

    def test_t2_above_preferred(self):
        self.assert_wrong("valid: 24h}", f"valid: 24h, t2: {HERE}13h}}", "t2", "preferred")

    def test_zero(self):
        self.assert_wrong("valid: 24h", f"valid: {HERE}0s", "valid")


class TestRanges(ConfigurationErrors):
    def test_a_pool_outside_of_its_link(self):
        self.assert_wrong('address-pools: ["2001:db8:9::/64"]', f'address-pools: [{HERE}"2001:db8:99::/64"]',
                          "outside", "2001:db8:9::/64")

    def test_overlapping_pools_of_two_links(self):
        self.assert_wrong('address-pools: ["2001:db8:9::/64"]',
                          f'address-pools: ["2001:db8:9::/64"]\n    prefix-pools:\n'
                          f'      - {{prefix: {HERE}"2001:db8:8f00::/40", delegated-length: 56}}',
                          "overlaps", "street", "village")

    def test_a_delegated_length_shorter_than_the_pool(self):
        self.assert_wrong("delegated-length: 56", f"delegated-length: {HERE}32", "delegated-length", "36")

    def test_a_pool_too_large(self):
        self.assert_wrong("delegated-length: 56", f"delegated-length: {HERE}64", "16777216")

    def test_multicast(self):
        self.assert_wrong('["2001:db8:7::/64"]', f'[{HERE}"ff05::/64"]', "multicast")

    def test_link_local(self):
        self.assert_wrong('["2001:db8:7::/64"]', f'[{HERE}"fe80::/64"]', "link-local")

    def test_one_reservation_twice(self):
        self.assert_wrong('address: "2001:db8:9::100"}', 'address: "2001:db8:9::100"}\n'
                          f'      - {{duid: "00:03:00:01:02:00:00:00:00:bb", address: {HERE}"2001:db8:9::100"}}',
                          "twice")


class TestReferences(ConfigurationErrors):
    def test_a_link_on_a_port_that_is_not_there(self):
        self.assert_wrong("{port: access}", f"{{port: {HERE}acces}}", 'did you mean "access"?')

    def test_two_links_with_one_name(self):
        self.assert_wrong("name: village", f"name: {HERE}street", "street")

    def test_two_links_with_one_match(self):
        self.assert_wrong('{link-address: "2001:db8:9::/64"}', f"{HERE}{{port: access}}", "street", "village")

    def test_a_port_without_a_link_local_address(self):
        self.assert_wrong('["fe80::1", "2001:db8:ffff::1"]', f'{HERE}["2001:db8:ffff::1"]', "link-local", "fe80::1")


class TestOptions(ConfigurationErrors):
    def test_an_option_of_the_protocol(self):
        self.assert_wrong('dns-servers: ["2001:db8::53"]', f'{HERE}"3": "00"', "protocol")

    def test_sol_max_rt_out_of_range(self):
        """S-167"""
        self.assert_wrong('dns-servers: ["2001:db8::53"]', f"sol-max-rt: {HERE}30s", "60")

    def test_information_refresh_time_too_short(self):
        """S-114"""
        self.assert_wrong("preference: 0", f"information-refresh-time: {HERE}5m", "600")

    def test_server_unicast_is_gone(self):
        """S-168"""
        self.assert_wrong('dns-servers: ["2001:db8::53"]', f'{HERE}"12": "2001:db8::1"', "9915")

    def test_an_unknown_option_name(self):
        self.assert_wrong('dns-servers: ["2001:db8::53"]', f'{HERE}dns-server: ["2001:db8::53"]', "dns-servers")


class TestFailover(ConfigurationErrors):
    WEST = 'name: west, role: primary, local: "2001:db8:0:1::1", partner: "2001:db8:0:1::2"'

    def with_west(self, keys):
        return f"failover:\n  - {HERE}{{{self.WEST}{keys}}}\nlinks:\n  - name: street\n    relationship: west\n"

    def test_a_partner_without_tls_and_without_the_word_insecure(self):
        """F-076"""
        self.assert_wrong("links:\n  - name: street\n", self.with_west(""), "TLS", "insecure: yes")

    def test_a_relationship_that_is_not_there(self):
        self.assert_wrong("  - name: street\n", f"  - name: street\n    relationship: {HERE}west\n", "failover")

    def test_a_partner_is_accepted(self):
        text = GOOD.replace("links:\n  - name: street\n", self.with_west(", insecure: yes").replace(HERE, ""))
        done = self.check(text)
        self.assertEqual(done.returncode, 0, done.stderr)
