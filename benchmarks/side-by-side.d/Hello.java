/** The floor of every program in Java: starts, writes one byte, ends. */
final class Hello {
  private Hello() {}

  public static void main(String[] arguments) {
    System.out.write('!');
    System.out.flush();
  }
}
