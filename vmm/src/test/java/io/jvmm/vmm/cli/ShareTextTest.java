package io.jvmm.vmm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.p9.ShareOptions;
import io.jvmm.devices.p9.ShareOptions.Ownership;
import org.junit.jupiter.api.Test;

class ShareTextTest {
  @Test
  void aFolderItsTagAndItsOptionsAreRead() {
    assertEquals(
        new ShareOptions("/srv/data", "data", false, Ownership.NONE),
        ShareText.parse("/srv/data:data", "--share"));
    assertEquals(
        new ShareOptions("/a:b,c", "tag", true, Ownership.PASSTHROUGH),
        ShareText.parse("/a:b,c:tag,ro,owner=guest", "--share"));
  }

  @Test
  void whatIsNoShareIsToldWithItsPlace() {
    for (String text : new String[] {"", "folder", ":tag", "folder:", "f:t,rw", "f:t,owner=root"}) {
      UsageException told =
          assertThrows(UsageException.class, () -> ShareText.parse(text, "--share"), text);
      String message = String.valueOf(told.getMessage());
      assertTrue(message.startsWith("--share: "), message);
    }
  }
}
