package millrace.conformance;

import static org.apache.spark.sql.functions.col;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.FlatMapGroupsWithStateFunction;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.java.function.MapGroupsWithStateFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.KeyValueGroupedDataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.GroupStateTimeout;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.TimeMode;
import org.apache.spark.sql.types.StructType;

/** Datasets from their JSON (scenario.ts: Plan). */
final class Plans {
  private static final StructType TABLE =
      new StructType().add("name", "string").add("rank", "long");
  private static final StructType GROUPS =
      new StructType().add("key", "string").add("count", "long").add("kind", "string");
  private final SparkSession spark;
  private final Map<String, Dataset<Row>> streams;

  Plans(SparkSession spark, Map<String, Dataset<Row>> streams) {
    this.spark = spark;
    this.streams = streams;
  }

  Dataset<Row> dataset(JsonNode node) {
    switch (node.get("op").asText()) {
      case "stream":
        return streams.get(node.get("name").asText());
      case "table":
        return table(node.get("rows"));
      case "join":
        return join(node);
      case "union":
        return dataset(node.get("left")).union(dataset(node.get("right")));
      default:
        return onOne(node, dataset(node.get("child")));
    }
  }

  private Dataset<Row> onOne(JsonNode node, Dataset<Row> child) {
    switch (node.get("op").asText()) {
      case "select":
        return child.select(Expressions.columns(node.get("columns")));
      case "filter":
        return child.filter(Expressions.column(node.get("condition")));
      case "watermark":
        return child.withWatermark(node.get("column").asText(), node.get("delay").asText());
      case "aggregate": {
        Column[] aggregates = Expressions.columns(node.get("aggregates"));
        Column[] others = java.util.Arrays.copyOfRange(aggregates, 1, aggregates.length);
        return child.groupBy(Expressions.columns(node.get("keys"))).agg(aggregates[0], others);
      }
      case "deduplicate": {
        boolean isWithinWatermark = node.get("isWithinWatermark").asBoolean();
        String[] columns = texts(node.get("columns"));
        if (columns.length == 0) {
          return isWithinWatermark
              ? child.dropDuplicatesWithinWatermark()
              : child.dropDuplicates();
        }
        return isWithinWatermark
            ? child.dropDuplicatesWithinWatermark(columns)
            : child.dropDuplicates(columns);
      }
      case "sort": {
        List<Column> orders = new ArrayList<>();
        for (String name : texts(node.get("columns"))) {
          orders.add(node.get("isDescending").asBoolean() ? col(name).desc() : col(name).asc());
        }
        return child.sort(orders.toArray(new Column[0]));
      }
      case "limit":
        return child.limit(node.get("count").asInt());
      case "groups":
        return groups(node, child);
      case "transform":
        return transform(node, child);
      default:
        throw new IllegalArgumentException("no such plan: " + node);
    }
  }

  private Dataset<Row> join(JsonNode node) {
    Dataset<Row> left = dataset(node.get("left"));
    Dataset<Row> right = dataset(node.get("right"));
    JsonNode condition = node.get("condition");
    if (condition.isNull()) return left.join(right);
    return left.join(right, Expressions.column(condition), node.get("joinType").asText());
  }

  private Dataset<Row> table(JsonNode rows) {
    List<Row> all = new ArrayList<>();
    for (JsonNode row : rows) {
      Object rank = row.get(1).isNull() ? null : (Object) row.get(1).asLong();
      all.add(RowFactory.create(row.get(0).isNull() ? null : row.get(0).asText(), rank));
    }
    return spark.createDataFrame(all, TABLE);
  }

  private static Dataset<Row> groups(JsonNode node, Dataset<Row> child) {
    GroupProgram program = new GroupProgram(node);
    MapFunction<Row, String> key = row -> row.getAs("key");
    KeyValueGroupedDataset<String, Row> grouped = child.groupByKey(key, Encoders.STRING());
    GroupStateTimeout timeout = timeoutOf(node.get("timeout").asText());
    if (node.get("isMap").asBoolean()) {
      MapGroupsWithStateFunction<String, Row, Long, Row> each =
          (name, rows, state) -> only(program.call(name, rows, state), name);
      return grouped.mapGroupsWithState(each, Encoders.LONG(), Encoders.row(GROUPS), timeout);
    }
    FlatMapGroupsWithStateFunction<String, Row, Long, Row> all =
        (name, rows, state) -> program.call(name, rows, state).iterator();
    OutputMode mode = modeOf(node.get("outputMode").asText());
    return grouped.flatMapGroupsWithState(
        all, mode, Encoders.LONG(), Encoders.row(GROUPS), timeout);
  }

  private Dataset<Row> transform(JsonNode node, Dataset<Row> child) {
    TransformProgram program = new TransformProgram(node);
    MapFunction<Row, String> key = row -> row.getAs("key");
    KeyValueGroupedDataset<String, Row> grouped = child.groupByKey(key, Encoders.STRING());
    TimeMode timeMode = timeModeOf(node.get("timeMode").asText());
    OutputMode mode = modeOf(node.get("outputMode").asText());
    if (node.get("initial").isEmpty()) {
      Processors.Plain processor = new Processors.Plain(program);
      return grouped.transformWithState(processor, timeMode, mode, Encoders.row(GROUPS));
    }
    MapFunction<Row, String> name = row -> row.getAs("name");
    KeyValueGroupedDataset<String, Row> initial =
        table(node.get("initial")).groupByKey(name, Encoders.STRING());
    Processors.Seeded processor = new Processors.Seeded(program);
    return grouped.transformWithState(
        processor, timeMode, mode, initial, Encoders.row(GROUPS), Encoders.row(TABLE));
  }

  private static OutputMode modeOf(String name) {
    return name.equals("append") ? OutputMode.Append() : OutputMode.Update();
  }

  private static TimeMode timeModeOf(String name) {
    switch (name) {
      case "ProcessingTime": return TimeMode.ProcessingTime();
      case "EventTime": return TimeMode.EventTime();
      default: return TimeMode.None();
    }
  }

  private static Row only(List<Row> rows, String key) {
    return rows.isEmpty() ? RowFactory.create(key, 0L, "nothing") : rows.get(0);
  }

  private static GroupStateTimeout timeoutOf(String name) {
    switch (name) {
      case "ProcessingTimeTimeout": return GroupStateTimeout.ProcessingTimeTimeout();
      case "EventTimeTimeout": return GroupStateTimeout.EventTimeTimeout();
      default: return GroupStateTimeout.NoTimeout();
    }
  }

  private static String[] texts(JsonNode nodes) {
    List<String> texts = new ArrayList<>();
    for (JsonNode node : nodes) texts.add(node.asText());
    return texts.toArray(new String[0]);
  }
}
