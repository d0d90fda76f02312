"""tandem6ctl: every command, in words and as JSON, and its exit codes."""

import json
import socket

import case
from lab import dhcp6, probe, process, server
from lab.scene import Scene

DUID = dhcp6.duid_ll(0x77)
DUID_TEXT = DUID.hex(":")
NOTHING_THERE = "/nonexistent/control.sock"


class TestControl(case.LaboratoryCase):
    @classmethod
    def set_up_scene(cls):
        cls.scene = Scene(cls.lab, capture=False).start()
        client = cls.scene.add_host("client")
        with probe.Probe(client, "wan") as asking:
            _, reply = probe.acquire(asking, DUID, dhcp6.ia_na(1), dhcp6.ia_pd(2))
        cls.address = str(reply.ia(dhcp6.IA_NA).leases[0])
        cls.prefix = str(reply.ia(dhcp6.IA_PD).leases[0])

    def ask(self, *words, code=0, as_json=False):
        done = self.scene.server.ask(*words, as_json=as_json)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def both(self, *words):
        """The text and the JSON of a command."""
        return self.ask(*words).stdout, json.loads(self.ask(*words, as_json=True).stdout)

    def test_status(self):
        text, data = self.both("status")
        self.assertEqual(data["workers"], 1)
        self.assertEqual([port["name"] for port in data["ports"]], ["access"])
        self.assertTrue(data["ports"][0]["link_up"])
        self.assertEqual(data["bindings"]["count"], 2)
        for word in ("access", *(pool["range"] for pool in data["pools"])):
            self.assertIn(word, text)

    def test_stats(self):
        """The exchange of set_up_scene is in the counters, and the text has every counter that is not zero."""
        text, data = self.both("stats")
        for name in ("received.solicit", "received.request", "sent.advertise", "sent.reply"):
            counter = data["counters"][name]
            self.assertEqual(counter["sum"], 1, name)
            self.assertEqual(sum(counter["per_worker"]), counter["sum"])
            self.assertIn(name, text)

    def test_pool_show(self):
        text, data = self.both("pool", "show")
        self.assertEqual(len(data["pools"]), 4)
        used = {(pool["link"], pool["kind"]): pool["used"] for pool in data["pools"]}
        self.assertEqual(used, {("street", "address"): 1, ("street", "prefix"): 1,
                                ("village", "address"): 0, ("village", "prefix"): 0})
        for pool in data["pools"]:
            self.assertIn(pool["range"], text)

    def test_pool_show_of_one_link(self):
        text, data = self.both("pool", "show", "village")
        self.assertEqual({pool["link"] for pool in data["pools"]}, {"village"})
        self.assertNotIn("street", text)

    def test_lease_find(self):
        for what, found in ((self.address, {self.address}), (self.prefix, {self.prefix}),
                            (DUID_TEXT, {self.address, self.prefix})):
            with self.subTest(what=what):
                text, data = self.both("lease", "find", what)
                self.assertEqual({row["lease"] for row in data["leases"]}, found)
                for row in data["leases"]:
                    self.assertEqual((row["duid"], row["status"], row["link"]), (DUID_TEXT, "ACTIVE", "street"))
                    self.assertIn(row["lease"], text)

    def test_lease_list(self):
        text, data = self.both("lease", "list")
        self.assertEqual({row["lease"] for row in data["leases"]}, {self.address, self.prefix})
        self.assertIn(self.address, text)
        self.assertIn(self.prefix, text)

    def test_lease_list_narrowed(self):
        self.assertEqual(json.loads(self.ask("lease", "list", "--link", "village", as_json=True).stdout)["leases"], [])
        self.assertEqual(len(json.loads(self.ask("lease", "list", "--limit", "1", as_json=True).stdout)["leases"]), 1)
        active = json.loads(self.ask("lease", "list", "--status", "ACTIVE", as_json=True).stdout)["leases"]
        self.assertEqual(len(active), 2)

    def test_config_check(self):
        good = self.scene.server.folder / "tandem6.yaml"
        text, data = self.both("config", "check", str(good))
        self.assertEqual((data["ok"], data["errors"]), (True, []))
        bad = self.scene.server.folder / "bad.yaml"
        bad.write_text(good.read_text().replace("links:", "linkz:"))
        words = self.ask("config", "check", str(bad), code=1)
        data = json.loads(self.ask("config", "check", str(bad), code=1, as_json=True).stdout)
        self.assertFalse(data["ok"])
        for error in data["errors"]:
            self.assertIn(f"{bad}:{error['line']}:{error['column']}: {error['what']}: ", words.stdout + words.stderr)

    def test_log_level(self):
        self.assertIn("debug", self.ask("log", "level", "debug").stdout)
        self.assertEqual(json.loads(self.ask("log", "level", "info", as_json=True).stdout)["level"], "info")

    def test_refused_is_1_with_the_reason(self):
        for words in (("lease", "find", "2001:db8:7::dead"), ("pool", "show", "no-such-link"),
                      ("lease", "list", "--status", "MERRY"), ("log", "level", "deafening")):
            with self.subTest(words=words):
                done = self.ask(*words, code=1)
                self.assertTrue(done.stderr.strip())

    def test_usage_is_2(self):
        for words in ((), ("frobnicate",), ("lease", "find"), ("log", "level")):
            with self.subTest(words=words):
                self.assertTrue(self.ask(*words, code=2).stderr.strip())

    def test_no_daemon_is_3(self):
        done = server.control(NOTHING_THERE, "status")
        self.assertEqual(done.returncode, 3)
        self.assertIn(NOTHING_THERE, done.stderr)

    def test_the_socket_is_for_its_group_only(self):
        self.assertEqual(self.scene.server.socket.stat().st_mode & 0o777, 0o660)

    def test_json_rpc_one_object_a_line(self):
        """Anything can drive the server: two requests in one write, two lines back; what is no request is refused."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(self.scene.server.socket))
            line.sendall(b'{"jsonrpc":"2.0","id":1,"method":"status"}\n{"jsonrpc":"2.0","id":2,"method":"no.such"}\n'
                         b'this is no JSON\n')
            reader = line.makefile()
            first, second, third = (json.loads(reader.readline()) for _ in range(3))
        self.assertEqual((first["jsonrpc"], first["id"], first["result"]["workers"]), ("2.0", 1, 1))
        self.assertEqual((second["id"], second["error"]["code"]), (2, -32601))
        self.assertEqual((third["id"], third["error"]["code"]), (None, -32700))


class TestShutdown(case.LaboratoryCase):
    @classmethod
    def set_up_scene(cls):
        cls.scene = Scene(cls.lab, capture=False).start()

    def test_it_asks_and_then_does(self):
        """Without --yes and without an answer nothing happens; with it the daemon ends with exit code 0."""
        done = self.scene.server.ask("shutdown")
        self.assertEqual(done.returncode, 1)
        self.assertTrue(self.scene.server.program.is_running())
        done = self.scene.server.ask("--yes", "shutdown")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.scene.server.program.wait(10), 0)
        process.wait_until(lambda: not self.scene.server.socket.exists(), 2, "the control socket to go")
