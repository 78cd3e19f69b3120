import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Callable;

/** Prints `ok <sentence>`, or `not ok <sentence>` with the reason indented below it; the walk goes on after a failure. */
final class Checks {
  private static final long PATIENCE_MS = 20_000;
  private static final long POLL_MS = 20;

  interface Check {
    void run() throws Exception;
  }

  private Checks() {}

  static void check(String sentence, Check body) {
    try {
      body.run();
      System.out.println("ok " + sentence);
    } catch (Exception | AssertionError error) {
      System.out.println("not ok " + sentence);
      System.out.println("  " + error.toString().replace("\n", "\n  "));
    }
  }

  static void equal(String what, Object actual, Object expected) {
    if (!Objects.deepEquals(actual, expected)) {
      throw new AssertionError(what + ": " + text(actual) + " is not " + text(expected));
    }
  }

  static void contains(String text, String part) {
    if (!text.contains(part)) throw new AssertionError(text + " does not name " + part);
  }

  /** What was thrown must be of this class. */
  static <E extends Throwable> E thrown(Class<E> type, Check body) throws Exception {
    try {
      body.run();
    } catch (Throwable error) {
      if (type.isInstance(error)) return type.cast(error);
      throw new AssertionError(error + " is no " + type.getName(), error);
    }
    throw new AssertionError("no " + type.getName());
  }

  /** Polls, as somebody without WaitOperation does. */
  static void until(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + PATIENCE_MS * 1_000_000;
    while (!condition.call()) {
      if (System.nanoTime() > end) throw new AssertionError("not true within " + PATIENCE_MS + " ms");
      Thread.sleep(POLL_MS);
    }
  }

  private static String text(Object value) {
    return value instanceof Object[] ? Arrays.deepToString((Object[]) value) : String.valueOf(value);
  }
}
