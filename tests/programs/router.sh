# Runs a command in a network with a router: 10.9.1.1, router, 10.9.2.1 (the namespace `server`). Within `unshare -rnm`.
set -e
mount -t tmpfs none /run
mkdir -p /run/netns
ip netns add router
ip netns add server
ip link add c0 type veth peer name r0 netns router
ip -n router link add r1 type veth peer name s0 netns server
ip link set lo up
ip addr add 10.9.1.1/24 dev c0
ip link set c0 up
for net in "router 10.9.1.2 r0" "router 10.9.2.2 r1" "server 10.9.2.1 s0"; do
    set -- $net -- "$@"
    ip -n "$1" addr add "$2/24" dev "$3"
    ip -n "$1" link set "$3" up
    shift 4
done
ip route add default via 10.9.1.2
ip -n server route add default via 10.9.2.2
ip netns exec router sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
echo made
exec "$@"
