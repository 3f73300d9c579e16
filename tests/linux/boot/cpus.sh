#!/bin/bash
# Four CPUs come up, each with its own APIC id and core, in one socket, and each runs programs
run_in_guest --cpus 4 <<'GUEST'
cd /sys/devices/system/cpu
echo online=$(cat online) nproc=$(nproc)
for field in 'apicid' 'initial apicid' 'core id' 'physical id' 'siblings' 'cpu cores'; do
  echo "$field="$(sed -n "s/^$field[[:space:]]*: //p" /proc/cpuinfo)
done
for cpu in 0 1 2 3; do
  echo cpu$cpu threads=$(cat cpu$cpu/topology/thread_siblings_list) cores=$(cat cpu$cpu/topology/core_siblings_list)
  echo ran$cpu=$(taskset -c $cpu sh -c 'sleep 0.1; cut -d " " -f 39 /proc/self/stat')
done
GUEST
expect '^online=0-3 nproc=4$'
expect '^apicid=0 1 2 3$'
expect '^initial apicid=0 1 2 3$'
expect '^core id=0 1 2 3$'
expect '^physical id=0 0 0 0$'
expect '^siblings=4 4 4 4$'
expect '^cpu cores=4 4 4 4$'
for cpu in 0 1 2 3; do
  expect "^cpu$cpu threads=$cpu cores=0-3$"
  expect "^ran$cpu=$cpu$"
done
expect_no_error
