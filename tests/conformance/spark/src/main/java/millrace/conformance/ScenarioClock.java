package millrace.conformance;

import org.apache.spark.util.Clock;

/** Time that stands still until a scenario moves it; knows when a query waits for it. */
final class ScenarioClock implements Clock {
  private long nowMs;
  private long waitedForMs = -1;

  @Override
  public synchronized long getTimeMillis() {
    return nowMs;
  }

  @Override
  public synchronized long nanoTime() {
    return nowMs * 1_000_000;
  }

  @Override
  public synchronized long waitTillTime(long targetMs) {
    waitedForMs = targetMs;
    notifyAll();
    try {
      while (nowMs < targetMs) wait();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      // A query that is stopped expects to be interrupted while it waits.
      throw sneak(stopped);
    } finally {
      waitedForMs = -1;
    }
    return nowMs;
  }

  synchronized void advance(long byMs) {
    nowMs += byMs;
    notifyAll();
  }

  /** Whether a query has nothing to do before time moves on. */
  synchronized boolean isWaitedFor() {
    return waitedForMs > nowMs;
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> RuntimeException sneak(Throwable error) throws E {
    throw (E) error;
  }
}
