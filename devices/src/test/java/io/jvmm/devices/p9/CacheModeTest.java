package io.jvmm.devices.p9;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CacheModeTest {
  @Test
  void aGuestIsToldHowToMount() {
    assertEquals(
        "trans=virtio,version=9p2000.L,access=client,locktimeout=1,msize=512000,cache=mmap",
        CacheMode.MMAP.mountOptions(false));
    assertEquals(
        "trans=virtio,version=9p2000.L,access=client,locktimeout=1,msize=512000,cache=loose,posixacl",
        CacheMode.LOOSE.mountOptions(true));
  }
}
