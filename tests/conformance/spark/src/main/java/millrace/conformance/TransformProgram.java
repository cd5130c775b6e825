package millrace.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Serializable;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.streaming.ListState;
import org.apache.spark.sql.streaming.MapState;
import org.apache.spark.sql.streaming.StatefulProcessorHandle;
import org.apache.spark.sql.streaming.TTLConfig;
import org.apache.spark.sql.streaming.TimerValues;
import org.apache.spark.sql.streaming.ValueState;
import scala.collection.Iterator;

/** What the processors do that scenario.ts describes (TransformProgram). */
final class TransformProgram implements Serializable {
  private static final long serialVersionUID = 1L;
  private final String variable;
  private final String timeMode;
  private final long ttlMs;
  private final long timerMs;
  private final boolean isSingleTimer;
  private final long limit;
  private final boolean isTalkative;
  private final String onTimer;
  private transient StatefulProcessorHandle handle;
  private transient ValueState<Long> value;
  private transient ListState<Long> list;
  private transient MapState<String, Long> map;

  TransformProgram(JsonNode program) {
    variable = program.get("variable").asText();
    timeMode = program.get("timeMode").asText();
    ttlMs = program.get("ttlMs").asLong();
    timerMs = program.get("timerMs").asLong();
    isSingleTimer = program.get("isSingleTimer").asBoolean();
    limit = program.get("limit").asLong();
    isTalkative = program.get("isTalkative").asBoolean();
    onTimer = program.get("onTimer").asText();
  }

  void init(StatefulProcessorHandle given) {
    handle = given;
    TTLConfig ttl = new TTLConfig(Duration.ofMillis(ttlMs));
    if (variable.equals("value")) value = handle.getValueState("state", Encoders.LONG(), ttl);
    if (variable.equals("list")) list = handle.getListState("state", Encoders.LONG(), ttl);
    if (variable.equals("map")) {
      map = handle.getMapState("state", Encoders.STRING(), Encoders.LONG(), ttl);
    }
  }

  void begin(long count) {
    if (value != null) value.update(count);
    if (list != null) for (long at = 0; at < count; at += 1) list.appendValue(at);
    if (map != null) map.updateValue("initial", count);
  }

  List<Row> rows(String key, Iterator<Row> rows, TimerValues times) {
    long latestMs = 0;
    while (rows.hasNext()) {
      Row row = rows.next();
      Timestamp time = row.getAs("time");
      if (time != null) latestMs = Math.max(latestMs, time.getTime());
      add(row.getAs("value"));
    }
    setTimer(times, latestMs);
    long count = count();
    if (count >= limit) {
      clear();
      return List.of(RowFactory.create(key, count, "full"));
    }
    return isTalkative ? List.of(RowFactory.create(key, count, "count")) : List.of();
  }

  List<Row> timer(String key, TimerValues times, long expiryMs) {
    long count = count();
    if (onTimer.equals("remove")) clear();
    if (onTimer.equals("rearm")) handle.registerTimer(expiryMs + timerMs);
    return List.of(RowFactory.create(key, count, "timer " + expiryMs));
  }

  private void setTimer(TimerValues times, long latestMs) {
    if (timerMs == 0) return;
    if (isSingleTimer) {
      List<Long> earlier = new ArrayList<>();
      Iterator<Object> timers = handle.listTimers();
      while (timers.hasNext()) earlier.add((Long) timers.next());
      for (long timer : earlier) handle.deleteTimer(timer);
    }
    long fromMs = timeMode.equals("ProcessingTime")
        ? times.getCurrentProcessingTimeInMs()
        : Math.max(latestMs, times.getCurrentWatermarkInMs());
    handle.registerTimer(fromMs + timerMs);
  }

  private void add(Long number) {
    long added = number == null ? 0 : number;
    if (value != null) value.update(count() + 1);
    if (list != null) list.appendValue(added);
    if (map != null) map.updateValue(String.valueOf(added), added);
  }

  private long count() {
    if (value != null) return value.exists() ? value.get() : 0;
    if (list != null) return list.get().size();
    return map.keys().size();
  }

  private void clear() {
    if (value != null) value.clear();
    if (list != null) list.clear();
    if (map != null) map.clear();
  }
}
