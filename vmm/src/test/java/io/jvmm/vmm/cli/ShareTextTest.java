package io.jvmm.vmm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.p9.CacheMode;
import io.jvmm.devices.p9.Security;
import io.jvmm.devices.p9.ShareOptions;
import io.jvmm.devices.p9.ShareOptions.GuestOwner;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShareTextTest {
  private static ShareOptions read(String text) {
    return ShareText.parse(text, "--share");
  }

  @Test
  void aFolderAndItsTagAreEnough() {
    Security usual =
        System.getProperty("user.name").equals("root") ? Security.PASSTHROUGH : Security.NONE;
    assertEquals(
        new ShareOptions("/srv/data", "data", false, usual, null, CacheMode.MMAP),
        read("/srv/data:data"));
  }

  @Test
  void optionsAreReadInAnyOrder() {
    assertEquals(
        new ShareOptions("/d", "t", true, Security.MAPPED_XATTR, null, CacheMode.LOOSE),
        read("/d:t,cache=loose,ro,security=mapped-xattr"));
    assertEquals(Security.PASSTHROUGH, read("/d:t,security=passthrough").security());
    assertEquals(CacheMode.NONE, read("/d:t,cache=none").cache());
  }

  @ParameterizedTest
  @CsvSource({
    "'/d:t,uid=0', 0, 0",
    "'/d:t,ro,uid=1000', 1000, 1000",
    "'/d:t,uid=1000:50,ro', 1000, 50",
    "'/d:t,uid=4294967294:1,security=none', -2, 1"
  })
  void filesAreShownAsSomebodysInTheGuestWhoeverRunsIt(String text, int uid, int gid) {
    assertEquals(
        new ShareOptions(
            "/d",
            "t",
            text.contains("ro"),
            Security.NONE,
            new GuestOwner(uid, gid),
            CacheMode.MMAP),
        read(text));
  }

  @Test
  void mountsBelowTheFolderAreNamedOneByOne() {
    ShareOptions read = read("/d:t,mount=a,ro,mount=b:c/d/");
    assertEquals("/d", read.path());
    assertEquals(List.of("a", "b:c/d"), read.mounts());
    assertTrue(read.readOnly());
    assertThrows(UsageException.class, () -> read("/d:t,mount="));
    assertThrows(UsageException.class, () -> read("/d:t,security=none,acl"));
    assertThrows(UsageException.class, () -> read("/d:t,mount=/"));
    assertThrows(UsageException.class, () -> read("/d:t,mount=/d/a"));
  }

  @ParameterizedTest
  @CsvSource({
    "'/a:b:tag', '/a:b'",
    "'/a:b,c:tag', '/a:b,c'",
    "'/a,ro:tag', '/a,ro'",
    "'/a,x=1:tag,ro', '/a,x=1'",
    "'/a,b:tag,uid=1:2', '/a,b'"
  })
  void aPathMayHaveColonsAndCommas(String text, String path) {
    ShareOptions read = read(text);
    assertEquals(path, read.path());
    assertEquals("tag", read.tag());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "folder",
        ":tag",
        "folder:",
        "f:,ro",
        "f:t,",
        "f:t,rw",
        "f:t,ro,owner=root",
        "f:t,security=root",
        "f:t,cache=fscache",
        "f:t,uid=root",
        "f:t,uid=1:",
        "f:t,uid=1:2:3",
        "f:t,uid=-1",
        "f:t,uid=4294967295"
      })
  void whatIsNoShareIsToldWithItsPlace(String text) {
    UsageException told = assertThrows(UsageException.class, () -> read(text));
    String message = String.valueOf(told.getMessage());
    assertTrue(message.startsWith("--share: '"), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"passthrough", "mapped-xattr"})
  void ownersThatAreKeptAreNotShownAsOthers(String security) {
    UsageException told =
        assertThrows(UsageException.class, () -> read("f:t,uid=0,security=" + security));
    assertTrue(String.valueOf(told.getMessage()).contains("security=none"), told.getMessage());
  }
}
