package millrace.conformance;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.util.OutputTag;

/** What flows: a key, a number, and the gap of its session. */
public final class Item {
  static final TypeInformation<Tuple3<String, Long, Long>> TYPE =
      Types.TUPLE(Types.STRING, Types.LONG, Types.LONG);
  static final KeySelector<Tuple3<String, Long, Long>, String> KEY = item -> item.f0;
  static final OutputTag<Tuple3<String, Long, Long>> LATE = new OutputTag<>("late", TYPE);
  static final OutputTag<Tuple3<String, Long, Long>> LATE_RIGHT =
      new OutputTag<>("late-right", TYPE);
  static final OutputTag<String> SIDE = new OutputTag<>("side", Types.STRING);

  private Item() {}

  static Tuple3<String, Long, Long> of(String key, long n, long gapMs) {
    return Tuple3.of(key, n, gapMs);
  }

  static String timeText(long timeMs) {
    if (timeMs == Long.MAX_VALUE) return "max";
    return timeMs == Long.MIN_VALUE ? "min" : Long.toString(timeMs);
  }
}
