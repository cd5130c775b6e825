package millrace.conformance;

/** The driver dies here: the query ends and is started again. */
final class Crash extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Crash(String at) {
    super("crash: " + at);
  }

  /** Whether a query ended by one. */
  static boolean isCauseOf(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof Crash) return true;
    }
    return false;
  }
}
