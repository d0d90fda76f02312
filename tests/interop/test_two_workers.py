"""Two workers: every second packet arrives at the worker that is not its client's home, and nobody notices."""

import case
from lab import dhcp6, perfdhcp, probe
from lab.scene import Scene

CLIENTS = 64


class _TwoWorkers(case.VerdictChecks, case.LaboratoryCase):
    queues = None
    minimum_of_answers = 4 * CLIENTS

    @classmethod
    def set_up_scene(cls):
        cls.scene = Scene(cls.lab, workers=2, queues=cls.queues).start()
        host = cls.scene.add_host("client")
        cls.first, cls.renewed = {}, {}
        with probe.Probe(host, "wan") as ear:
            for number in range(CLIENTS):
                # The queue of a frame goes by a hash of its addresses and ports: each message of a client leaves
                # from another port, so that about half of them miss their home. Answers go to 546 all the same.
                with probe.Probe(host, "wan", 20000 + number) as odd, probe.Probe(host, "wan", 30000 + number) as even:
                    cls._one_client(number, ear, (odd, even))
        cls.load = perfdhcp.run(cls.scene.add_host("load"), "wan", perfdhcp.BOTH, 300, 3, 2000, False, 60, 60)
        cls.counters = cls.scene.server.call("stats")["counters"]
        cls.verdict = cls.scene.verdict()

    @classmethod
    def _one_client(cls, number, ear, mouths):
        duid = dhcp6.duid_ll(0x1000 + number)

        def ask(turn, kind, *options, server=None):
            question = probe.message(kind, duid, *options, server=server)
            mouths[turn % 2].send(question)
            answer = ear.receive(3)
            if answer is None or answer.message.transaction_id != question.transaction_id:
                raise TimeoutError(f"client {number}: {question.name} was not answered")
            return answer.message

        advertise = ask(0, dhcp6.SOLICIT, dhcp6.ia_na(1), dhcp6.ia_pd(1))
        taken = [option for option in advertise.options if option.code in (dhcp6.IA_NA, dhcp6.IA_PD)]
        reply = ask(1, dhcp6.REQUEST, *taken, server=advertise.server_duid)
        renewed = ask(2, dhcp6.RENEW, *taken, server=advertise.server_duid)
        cls.first[number] = {str(lease) for ia in reply.ias() for lease in ia.leases}
        cls.renewed[number] = {str(lease) for ia in renewed.ias() for lease in ia.leases if lease.valid}

    def test_every_client_keeps_what_it_got(self):
        """S-065 S-081: it does not matter which worker hears a client."""
        self.assertEqual(self.first, self.renewed)
        self.assertTrue(all(len(leases) == 2 for leases in self.first.values()))

    def test_messages_crossed_over(self):
        """About half of all messages were handed to the worker at home, none was lost on the way."""
        handed, taken = self.counters["net.handed_over"], self.counters["net.taken_over"]
        messages = sum(counter["sum"] for name, counter in self.counters.items() if name.startswith("received."))
        self.assertEqual(handed["sum"], taken["sum"])
        self.assertGreater(handed["sum"], 0.3 * messages)
        self.assertLess(handed["sum"], 0.7 * messages)
        self.assertEqual(self.counters["drop.queue_full"]["sum"], 0)

    def test_both_workers_serve(self):
        """Each worker is home to about half of the clients."""
        for name in ("sent.advertise", "sent.reply"):
            self.assertTrue(all(share > 0.3 * self.counters[name]["sum"]
                                for share in self.counters[name]["per_worker"]), self.counters[name])

    def test_the_load_is_served(self):
        for name in ("SOLICIT-ADVERTISE", "REQUEST-REPLY", "RENEW-REPLY", "RELEASE-REPLY"):
            exchange = self.load.of(name)
            self.assertGreater(exchange.sent, 0)
            self.assertLessEqual(exchange.sent - exchange.received, 0.01 * exchange.sent, name)


class TestTwoQueues(_TwoWorkers):
    """A queue for each worker: both receive, and both hand over."""

    queues = 2

    def test_both_workers_receive(self):
        for name in ("net.received", "net.handed_over"):
            self.assertTrue(all(self.counters[name]["per_worker"]), self.counters[name])


class TestOneQueue(_TwoWorkers):
    """Only one worker has a queue: everything of the other one's clients comes over the ring."""

    queues = 1

    def test_one_worker_receives(self):
        self.assertEqual(sorted(map(bool, self.counters["net.received"]["per_worker"])), [False, True])


del _TwoWorkers  # it is no test by itself
