package millrace.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.execution.streaming.Sink;

/** Writes down each batch that it gets, again when it gets one again; dies where it is told to. */
final class RecordingSink implements Sink {
  private final ArrayNode writes;
  private final JsonNode crashes;
  private final Map<Long, Integer> attempts = new HashMap<>();

  RecordingSink(ArrayNode writes, JsonNode crashes) {
    this.writes = writes;
    this.crashes = crashes;
  }

  @Override
  public void addBatch(long batchId, Dataset<Row> data) {
    int attempt = attempts.merge(batchId, 1, Integer::sum) - 1;
    crashIf(batchId, attempt, "offsets-logged");
    Object rows = data.collect();
    crashIf(batchId, attempt, "tasks-finished");
    ObjectNode write = writes.addObject();
    write.put("batchId", batchId);
    RowJson.write((Row[]) rows, data.schema(), write.putArray("rows"));
    crashIf(batchId, attempt, "sink-committed");
  }

  private void crashIf(long batchId, int attempt, String at) {
    for (JsonNode crash : crashes) {
      boolean isMeant = crash.get("batchId").asLong() == batchId
          && crash.get("attempt").asInt() == attempt
          && crash.get("at").asText().equals(at);
      if (isMeant) throw new Crash(at);
    }
  }
}
