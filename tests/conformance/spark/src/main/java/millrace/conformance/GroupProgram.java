package millrace.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Serializable;
import java.sql.Timestamp;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.streaming.GroupState;

/** The function with state that scenario.ts describes. */
final class GroupProgram implements Serializable {
  private static final long serialVersionUID = 1L;
  private final String timeout;
  private final long limit;
  private final long timeoutMs;
  private final boolean isTalkative;
  private final String onTimeout;

  GroupProgram(JsonNode program) {
    timeout = program.get("timeout").asText();
    limit = program.get("limit").asLong();
    timeoutMs = program.get("timeoutMs").asLong();
    isTalkative = program.get("isTalkative").asBoolean();
    onTimeout = program.get("onTimeout").asText();
  }

  List<Row> call(String key, Iterator<Row> rows, GroupState<Long> state) {
    long count = state.exists() ? state.get() : 0;
    if (state.hasTimedOut()) {
      if (onTimeout.equals("remove")) state.remove();
      if (onTimeout.equals("rearm")) {
        state.update(count);
        setTimeout(state, 0);
      }
      return List.of(RowFactory.create(key, count, "timeout"));
    }
    long latestMs = 0;
    while (rows.hasNext()) {
      Timestamp time = rows.next().getAs("time");
      if (time != null) latestMs = Math.max(latestMs, time.getTime());
      count += 1;
    }
    if (count >= limit) {
      state.remove();
      return List.of(RowFactory.create(key, count, "full"));
    }
    state.update(count);
    setTimeout(state, latestMs);
    return isTalkative ? List.of(RowFactory.create(key, count, "count")) : List.of();
  }

  private void setTimeout(GroupState<Long> state, long latestMs) {
    if (timeout.equals("ProcessingTimeTimeout")) state.setTimeoutDuration(timeoutMs);
    if (timeout.equals("EventTimeTimeout")) {
      long fromMs = Math.max(latestMs, state.getCurrentWatermarkMs());
      state.setTimeoutTimestamp(fromMs + timeoutMs);
    }
  }
}
