#!/bin/bash
# The way out to the kernel, seen from another host: net_probe in one network namespace, a neighbour in
# another, a veth pair between them. Once with the kernel's interface under the device, once with a TAP
# of ours, as on a NIC (the kernel's own interface has IPv6 off, so nobody else answers).
# Speaks TAP, the test protocol. Usage: kernel_path_test.sh NET_PROBE
set -u
probe=$1
name=t6net$$
work=$(mktemp -d)
probe_pid=
dump_pid=
count=0
failed=0

if [ "$(id -u)" != 0 ] || ! ip netns add "$name-s" 2>/dev/null; then
  echo "1..0 # SKIP needs root"
  exit 0
fi

end_programs() {
  [ -n "$probe_pid" ] && kill "$probe_pid" 2>/dev/null && wait "$probe_pid" 2>/dev/null
  [ -n "$dump_pid" ] && kill "$dump_pid" 2>/dev/null && wait "$dump_pid" 2>/dev/null
  probe_pid=
  dump_pid=
}
clean_up() {
  end_programs
  ip netns delete "$name-s"
  ip netns delete "$name-c" 2>/dev/null
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

report() {  # DESCRIPTION COMMAND…
  count=$((count + 1))
  local text=$1
  shift
  if "$@" >"$work/last" 2>&1; then
    echo "ok $count - $text"
  else
    echo "not ok $count - $text"
    sed 's/^/# /' "$work/last" "$work/probe"
    failed=1
  fi
}
wait_for() {  # SECONDS COMMAND…
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -ge $end ] && return 1
    sleep 0.1
  done
}
server() { ip netns exec "$name-s" "$@"; }
client() { ip netns exec "$name-c" "$@"; }
ping_server() { client ping -c 3 -i 0.2 -W 2 "$1"; }
# What the neighbour has heard: a report (to ff02::16) that names the group.
heard_report_of() { grep -A 2 -F 'ff02::16' "$work/dump" | grep -F "$1"; }
holds_address() { server ip -6 address show dev "$1" | grep -F " $2/"; }
holds_no_address() { ! holds_address "$@"; }
has_group() { server ip -6 maddr show dev "$1" | grep -E "$2( |\$)"; }
in_promiscuous_mode() { server ip link show dev server | grep PROMISC; }

ip netns add "$name-c"
for side in s c; do
  ip netns exec "$name-$side" sysctl -qw net.ipv6.conf.all.accept_dad=0 \
    net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.dad_transmits=0
done
ip link add server netns "$name-s" type veth peer name client netns "$name-c"
ip -n "$name-c" link set client up
ip -n "$name-s" link set server up
ip -n "$name-c" address add 2001:db8:1::2/64 dev client nodad

start() {  # ARGUMENT…
  # Not through a function: its process must be the one that we end.
  ip netns exec "$name-c" tcpdump --immediate-mode -l -v -n -i client ip6 >>"$work/dump" 2>/dev/null &
  dump_pid=$!
  sleep 0.5
  rm -f "$work/probe"  # the `ready` of the one before
  ip netns exec "$name-s" "$probe" --device net_af_packet0,iface=server --name access \
    --address fe80::1 --address 2001:db8:1::1 "$@" >"$work/probe" 2>&1 &
  probe_pid=$!
  report "$way: starts" wait_for 20 grep -x ready "$work/probe"
}

check_presence() {  # INTERFACE
  report "$way: answers ping on its link-local address" ping_server fe80::1%client
  report "$way: answers ping on its wider-scope address" ping_server 2001:db8:1::1
  for group in ff02::1:2 ff05::1:3; do
    report "S-001 $way: is a member of $group" has_group "$1" "$group"
    report "S-001 $way: reports $group" wait_for 5 heard_report_of "$group"
  done
  report "$way: holds UDP 547" grep -q ":547 " <(server ss -Hunl)
}

lose_link() {
  ip -n "$name-c" link set client down
  sleep 0.5
  : >"$work/dump"
  ip -n "$name-c" link set client up
  ip -n "$name-c" address replace 2001:db8:1::2/64 dev client nodad
}

stop() {
  kill "$probe_pid"
  wait "$probe_pid"
  local code=$?
  probe_pid=
  report "$way: ends in order" test $code = 0
  end_programs
}

way=interface
start
check_presence server
lose_link
for group in ff02::1:2 ff05::1:3; do
  report "S-001 $way: reports $group again after loss of the link" wait_for 5 heard_report_of $group
done
ip -n "$name-s" link set server down
sleep 0.5
ip -n "$name-s" link set server up
report "$way: puts back its address after the interface was down" \
  wait_for 5 holds_address server 2001:db8:1::1
report "$way: answers ping again" ping_server 2001:db8:1::1
stop
report "$way: takes back its addresses" holds_no_address server 2001:db8:1::1

server ip -6 address replace 2001:db8:1::1/64 dev server nodad
start
stop
report "$way: leaves an address that was there before" holds_address server 2001:db8:1::1

way=TAP
server sysctl -qw net.ipv6.conf.server.disable_ipv6=1
start --kernel-path tap
check_presence t6-access
stop
report "$way: is gone" test ! "$(server ip -o link show dev t6-access 2>/dev/null)"
report "$way: leaves the device's filter as it was" test ! "$(in_promiscuous_mode)"

echo "1..$count"
exit $failed
