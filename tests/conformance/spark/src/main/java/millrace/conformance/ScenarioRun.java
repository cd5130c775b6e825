package millrace.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.classic.StreamingQueryManager;
import org.apache.spark.sql.execution.streaming.runtime.MemoryStream;
import org.apache.spark.sql.execution.streaming.runtime.StreamExecution;
import org.apache.spark.sql.execution.streaming.runtime.StreamingQueryWrapper;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StateOperatorProgress;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.StreamingQueryProgress;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.JavaConverters;

/** One scenario from its first step to what came out. */
final class ScenarioRun {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long STEP_MS = 1000;
  private static final long PATIENCE_MS = 60_000;
  private final SparkSession spark;
  private final ObjectNode scenario;
  private final Path checkpoint;
  private final ScenarioClock clock = new ScenarioClock();
  private final Map<String, MemoryStream<Row>> streams = new LinkedHashMap<>();
  private final ObjectNode outcome = JSON.createObjectNode();
  private final ArrayNode writes = outcome.putArray("sink");
  private final ArrayNode batches = outcome.putArray("batches");
  private final RecordingSink sink;
  private Plans plans;
  private Dataset<Row> dataset;
  private StreamingQuery query;

  ScenarioRun(SparkSession spark, JsonNode scenario, Path checkpoint) {
    this.spark = spark;
    this.scenario = scenario.deepCopy();
    this.checkpoint = checkpoint;
    this.sink = new RecordingSink(writes, scenario.get("crashes"));
  }

  ObjectNode run() throws Exception {
    configure();
    outcome.putArray("columns");
    try {
      plans = new Plans(spark, openStreams());
      dataset = plans.dataset(scenario.get("query"));
      ArrayNode columns = outcome.putArray("columns");
      for (String name : dataset.columns()) columns.add(name);
      if (!isStartedByStep()) start();
    } catch (Exception error) {
      if (query == null) return failWith("refused", error);
      throw error;
    }
    try {
      // The first trigger finds nothing yet.
      if (query != null) settle();
      for (JsonNode step : scenario.get("steps")) take(step);
    } catch (StreamingQueryException error) {
      failWith("failed", error);
    } catch (AnalysisException error) {
      failWith("refused", error);
    } finally {
      stop();
    }
    addLogs();
    return outcome;
  }

  private void configure() {
    JsonNode conf = scenario.get("conf");
    String provider = conf.get("stateStore").asText().equals("rocksdb")
        ? "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"
        : "org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider";
    spark.conf().set("spark.sql.shuffle.partitions", conf.get("shufflePartitions").asText());
    spark.conf().set("spark.sql.streaming.multipleWatermarkPolicy",
        conf.get("watermarkPolicy").asText());
    spark.conf().set("spark.sql.streaming.noDataMicroBatches.enabled",
        conf.get("hasNoDataBatches").asText());
    spark.conf().set("spark.sql.streaming.stateStore.providerClass", provider);
  }

  private Map<String, Dataset<Row>> openStreams() {
    Map<String, Dataset<Row>> datasets = new HashMap<>();
    int number = 1;
    for (JsonNode name : scenario.get("streams")) {
      String suffix = number == 1 ? "" : String.valueOf(number);
      StructType schema = new StructType().add("time" + suffix, "timestamp")
          .add("key" + suffix, "string").add("value" + suffix, "long");
      Option<Object> partitions = Option.apply(scenario.get("inputPartitions").asInt());
      MemoryStream<Row> stream =
          new MemoryStream<>(number, spark, partitions, Encoders.row(schema));
      streams.put(name.asText(), stream);
      datasets.put(name.asText(), stream.toDF());
      number += 1;
    }
    return datasets;
  }

  private void take(JsonNode step) throws Exception {
    if (step.get("type").asText().equals("restart")) {
      stop();
      change(step);
      start();
    } else if (isByInterval()) {
      add(step.get("rows"));
      clock.advance(STEP_MS);
    } else if (isStartedByStep()) {
      stop();
      clock.advance(STEP_MS);
      add(step.get("rows"));
      start();
    } else {
      clock.advance(STEP_MS);
      addAtOnce(step.get("rows"));
    }
    settle();
  }

  /** A restart may bring another query and other settings. */
  private void change(JsonNode step) {
    for (String name : List.of("query", "outputMode", "conf")) {
      if (step.has(name)) scenario.set(name, step.get(name));
    }
    configure();
    if (step.has("query")) dataset = plans.dataset(scenario.get("query"));
  }

  /** So that the rows of all streams come into the same batch. */
  private void addAtOnce(JsonNode rowsOfStreams) {
    StreamExecution execution = ((StreamingQueryWrapper) query).streamingQuery();
    execution.awaitProgressLock().lock();
    try {
      add(rowsOfStreams);
    } finally {
      execution.awaitProgressLock().unlock();
    }
  }

  private void add(JsonNode rowsOfStreams) {
    for (Map.Entry<String, MemoryStream<Row>> stream : streams.entrySet()) {
      JsonNode rows = rowsOfStreams.path(stream.getKey());
      if (rows.isEmpty()) continue;
      List<Row> all = new ArrayList<>();
      for (JsonNode row : rows) {
        Object time = row.get(0).isNull() ? null : new Timestamp(row.get(0).asLong());
        Object key = row.get(1).isNull() ? null : row.get(1).asText();
        Object value = row.get(2).isNull() ? null : (Object) row.get(2).asLong();
        all.add(RowFactory.create(time, key, value));
      }
      stream.getValue().addData(JavaConverters.asScala(all));
    }
  }

  /** Waits until the query has done what it can; starts it again when it crashed. */
  private void settle() throws Exception {
    for (;;) {
      try {
        if (isStartedByStep()) query.awaitTermination();
        else if (isByInterval()) awaitTrigger();
        else query.processAllAvailable();
        return;
      } catch (StreamingQueryException error) {
        if (!Crash.isCauseOf(error)) throw error;
        stop();
        start();
      }
    }
  }

  private void awaitTrigger() throws Exception {
    long untilNanos = System.nanoTime() + PATIENCE_MS * 1_000_000;
    while (query.isActive() && !clock.isWaitedFor()) {
      if (System.nanoTime() > untilNanos) throw new IllegalStateException("a trigger never ends");
      Thread.sleep(1);
    }
    if (query.exception().isDefined()) throw query.exception().get();
  }

  private void start() throws Exception {
    StreamingQueryManager queries =
        ((org.apache.spark.sql.classic.SparkSession) spark).streams();
    query = queries.startQuery(
        Option.apply(null), Option.apply(null), Option.apply(checkpoint.toString()),
        (org.apache.spark.sql.classic.Dataset<?>) dataset,
        scala.collection.immutable.Map$.MODULE$.empty(), sink, outputMode(), false, true,
        trigger(), clock, Option.apply(null), Option.apply(null));
  }

  private void stop() throws Exception {
    if (query == null) return;
    query.stop();
    for (StreamingQueryProgress progress : query.recentProgress()) {
      // A trigger that found nothing to do has a progress too.
      if (progress.durationMs().containsKey("addBatch")) add(progress);
    }
    query = null;
  }

  private void add(StreamingQueryProgress progress) {
    ObjectNode batch = batches.addObject();
    batch.put("batchId", progress.batchId());
    batch.put("inputRows", progress.numInputRows());
    ArrayNode state = batch.putArray("state");
    for (StateOperatorProgress operator : progress.stateOperators()) {
      ObjectNode rows = state.addObject();
      rows.put("name", operator.operatorName());
      rows.put("total", operator.numRowsTotal());
      rows.put("updated", operator.numRowsUpdated());
      rows.put("removed", operator.numRowsRemoved());
      rows.put("droppedLate", operator.numRowsDroppedByWatermark());
      Long duplicates = operator.customMetrics().get("numDroppedDuplicateRows");
      rows.put("droppedDuplicates", duplicates == null ? 0 : duplicates);
    }
  }

  /** What the checkpoint says of each batch. */
  private void addLogs() throws IOException {
    for (JsonNode node : batches) {
      ObjectNode batch = (ObjectNode) node;
      String id = batch.get("batchId").asText();
      JsonNode offsets = secondLine(checkpoint.resolve("offsets").resolve(id));
      JsonNode commit = secondLine(checkpoint.resolve("commits").resolve(id));
      batch.set("timestampMs", offsets.get("batchTimestampMs"));
      batch.set("watermarkMs", offsets.get("batchWatermarkMs"));
      batch.set("nextWatermarkMs", commit.get("nextBatchWatermarkMs"));
    }
  }

  private static JsonNode secondLine(Path file) throws IOException {
    return JSON.readTree(Files.readAllLines(file).get(1));
  }

  private ObjectNode failWith(String how, Throwable error) {
    outcome.set(how, Errors.describe(error));
    return outcome;
  }

  private boolean isByInterval() {
    return scenario.get("trigger").asText().equals("interval");
  }

  private boolean isStartedByStep() {
    String trigger = scenario.get("trigger").asText();
    return trigger.equals("available-now") || trigger.equals("once");
  }

  @SuppressWarnings("deprecation")
  private Trigger trigger() {
    switch (scenario.get("trigger").asText()) {
      case "interval": return Trigger.ProcessingTime(STEP_MS);
      case "available-now": return Trigger.AvailableNow();
      case "once": return Trigger.Once();
      default: return Trigger.ProcessingTime(0);
    }
  }

  private OutputMode outputMode() {
    switch (scenario.get("outputMode").asText()) {
      case "update": return OutputMode.Update();
      case "complete": return OutputMode.Complete();
      default: return OutputMode.Append();
    }
  }
}
