package io.jvmm.devices.vsock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CreditTest {
  private static final int ROOM = 1000;

  @Test
  void aGuestMaySendAsMuchAsThereIsRoomAndNoByteMore() {
    Credit credit = new Credit(ROOM);
    assertTrue(credit.receive(600));
    assertFalse(credit.receive(401));
    assertTrue(credit.receive(400));
    credit.forward(1);
    assertTrue(credit.receive(1));
    assertFalse(credit.receive(1));
    assertFalse(credit.receive(-1), "more than 2^31 bytes");
  }

  @Test
  void nothingIsSentBeforeTheGuestHasSaidThatItHasRoom() {
    Credit credit = new Credit(ROOM);
    assertEquals(0, credit.available());
    assertTrue(credit.update(100, 0));
    assertEquals(100, credit.available());
    credit.send(100);
    assertEquals(0, credit.available());
    assertTrue(credit.update(100, 30));
    assertEquals(30, credit.available());
  }

  @Test
  void aGuestThatMakesItsRoomSmallerGetsNothingUntilItHasTakenEnough() {
    Credit credit = new Credit(ROOM);
    credit.update(100, 0);
    credit.send(100);
    assertTrue(credit.update(10, 50));
    assertEquals(0, credit.available());
    assertTrue(credit.update(10, 95));
    assertEquals(5, credit.available());
  }

  @Test
  void aGuestCannotHaveTakenMoreThanWasSent() {
    Credit credit = new Credit(ROOM);
    credit.update(100, 0);
    credit.send(10);
    assertFalse(credit.update(100, 11));
    assertTrue(credit.update(100, 10));
  }

  @Test
  void aCountThatIsOlderThanTheLastChangesNothing() {
    Credit credit = new Credit(ROOM);
    credit.update(100, 0);
    credit.send(80);
    credit.update(100, 80);
    for (int old : new int[] {79, 0, -1, 80 - (1 << 30), 79 - (1 << 30), 81 + (1 << 31)}) {
      assertTrue(credit.update(100, old), () -> "said that it has taken " + old);
      assertEquals(100, credit.available());
    }
  }

  @Test
  void halfOfTheRoomIsWorthTelling() {
    Credit credit = new Credit(ROOM);
    credit.receive(499);
    credit.forward(499);
    assertFalse(credit.isWorthTelling());
    credit.receive(1);
    assertTrue(credit.isWorthTelling());
    credit.tell();
    assertFalse(credit.isWorthTelling());
    credit.receive(900);
    assertFalse(credit.isWorthTelling(), "nothing was passed on since");
  }

  @Test
  void roomOfFourGigabytesIsMoreThanAnybodyUses() {
    Credit credit = new Credit(ROOM);
    credit.update(-1, 0);
    assertEquals(1 << 30, credit.available());
    credit.send(1 << 30);
    assertEquals(0, credit.available());
    assertEquals(0xffff_ffffL, credit.peerRoom());
  }

  @Test
  void countersGoOnAcross2To32AsAModelWithoutAnEndDoes() {
    Random random = new Random(7);
    long received = 0xffff_ff00L;
    long forwarded = received;
    long sent = 0xffff_fe00L;
    long taken = sent;
    long room = 500;
    Credit credit = new Credit(ROOM, (int) received, (int) sent);
    credit.update((int) room, (int) taken);
    for (int i = 0; i < 10_000; i++) {
      int n = random.nextInt(300);
      switch (random.nextInt(4)) {
        case 0 -> {
          boolean fits = received + n - forwarded <= ROOM;
          assertEquals(fits, credit.receive(n));
          received += fits ? n : 0;
        }
        case 1 -> {
          int passed = (int) Math.min(n, received - forwarded);
          forwarded += passed;
          credit.forward(passed);
        }
        case 2 -> {
          int some = (int) Math.min(n, Math.max(0, room - (sent - taken)));
          assertTrue(some <= credit.available());
          sent += some;
          credit.send(some);
        }
        default -> {
          taken += Math.min(n, sent - taken);
          room = 200L + random.nextInt(500);
          assertTrue(credit.update((int) room, (int) taken));
        }
      }
      assertEquals((int) forwarded, credit.forwarded());
      assertEquals(Math.max(0, room - (sent - taken)), credit.available());
    }
    assertTrue(received > 1L << 32 && sent > 1L << 32);
  }
}
