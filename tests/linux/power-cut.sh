# shellcheck shell=bash
# For tests of what a power cut leaves: dm-log-writes below a disk takes down which writes a flush has completed, and the
# disk is put together again from its log as it was at a mark. Read after device-mapper.sh; `size` is the disk's size.

# A device that logs its writes; sets device and its log's file.
logged_device() { # NAME
  local data
  truncate -s $size "$WORK/$1"
  truncate -s $((4 * size)) "$WORK/$1.log"
  attach_loop "$WORK/$1"
  data=$device
  attach_loop "$WORK/$1.log"
  map_device "$1" log-writes <<< "0 $((size / 512)) log-writes $data $device"
}

# Puts the disk together as a power cut at this mark would have left it.
replay() { # LOG MARK IMAGE
  truncate -s 0 "$3"
  truncate -s $size "$3"
  perl - "$@" << 'PERL'
use strict;
my ($log, $mark, $image) = @ARGV;
open my $in, '<:raw', $log or die "$log: $!";
open my $out, '+<:raw', $image or die "$image: $!";
sub take { my $n = shift; read($in, my $bytes, $n) == $n or die "the log ends early\n"; $bytes }
my ($magic, $version, $entries, $sector) = unpack 'Q< Q< Q< L<', take(4096);
die "not a log of writes\n" if $magic != 0x6a736677736872;
seek $in, $sector, 0;
for (1 .. $entries) {
  my ($at, $count, $flags, $length) = unpack 'Q< Q< Q< Q<', my $head = take($sector);
  if ($flags & 8) { # a mark; its name follows its head
    exit 0 if substr($head, 32, $length) eq $mark;
  } elsif ($flags & 4) { # a discard has no data
    seek $out, $at * $sector, 0;
    print $out "\0" x ($count * $sector);
  } elsif ($count) {
    my $data = take($count * $sector);
    seek $out, $at * $sector, 0;
    print $out $data;
  }
}
die "no mark '$mark' in the log\n";
PERL
}
