# Sums /proc/PID/smaps without guest RAM. Guest RAM is a chain of mappings, each beginning where the one before ends, that
# add up to exactly `ram` KiB (a monitor may map pieces of the kernel's file over it). Prints RSS PSS PRIVATE_DIRTY in MiB;
# fails if there is no such chain, rather than to count guest RAM or to leave out something else.
/^[0-9a-f]+-[0-9a-f]+ / {
  split($1, range, "-")
  n++
  first[n] = range[1]
  last[n] = range[2]
}
/^Size:/ { size[n] = $2 }
/^Rss:/ { rss[n] = $2 }
/^Pss:/ { pss[n] = $2 }
/^Private_Dirty:/ { dirty[n] = $2 }
END {
  best = -1
  for (i = 1; i <= n; i++) {
    sum = size[i]
    held = rss[i]
    for (j = i; sum < ram && j < n && last[j] == first[j + 1]; ) {
      j++
      sum += size[j]
      held += rss[j]
    }
    if (sum == ram && held > best) {
      best = held
      from = i
      to = j
    }
  }
  if (best < 0) {
    print "less-guest-ram: no mappings of " ram " KiB found" > "/dev/stderr"
    exit 1
  }
  for (i = 1; i <= n; i++) {
    if (i >= from && i <= to) continue
    r += rss[i]
    p += pss[i]
    d += dirty[i]
  }
  printf "%.2f %.2f %.2f\n", r / 1024, p / 1024, d / 1024
}
