package millrace.conformance;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.hash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** What Spark's hash() gives for keys: the one that its partitioning takes the remainder of. */
final class Hashes {
  private static final StructType WINDOW =
      new StructType().add("start", "timestamp").add("end", "timestamp");

  private Hashes() {}

  static ObjectNode of(SparkSession spark, JsonNode keys) {
    StructType schema = new StructType();
    List<Column> columns = new ArrayList<>();
    for (JsonNode type : keys.get("types")) {
      String name = "c" + columns.size();
      schema = schema.add(name, typeOf(type.asText()));
      columns.add(col(name));
    }
    List<Row> rows = new ArrayList<>();
    for (JsonNode key : keys.get("keys")) {
      Object[] values = new Object[columns.size()];
      for (int at = 0; at < values.length; at += 1) {
        values[at] = value(key.get(at), keys.get("types").get(at).asText());
      }
      rows.add(RowFactory.create(values));
    }
    ObjectNode outcome = JsonNodeFactory.instance.objectNode();
    ArrayNode hashes = outcome.putArray("hashes");
    Column[] all = columns.toArray(new Column[0]);
    for (Row row : spark.createDataFrame(rows, schema).select(hash(all)).collectAsList()) {
      hashes.add(row.getInt(0));
    }
    return outcome;
  }

  private static DataType typeOf(String name) {
    switch (name) {
      case "string": return DataTypes.StringType;
      case "long": return DataTypes.LongType;
      case "integer": return DataTypes.IntegerType;
      case "double": return DataTypes.DoubleType;
      case "boolean": return DataTypes.BooleanType;
      case "timestamp": return DataTypes.TimestampType;
      default: return WINDOW;
    }
  }

  private static Object value(JsonNode value, String type) {
    if (value.isNull()) return null;
    switch (type) {
      case "string": return value.asText();
      case "long": return value.asLong();
      case "integer": return value.asInt();
      case "double": return value.asDouble();
      case "boolean": return value.asBoolean();
      case "timestamp": return time(value);
      default: return RowFactory.create(time(value.get("start")), time(value.get("end")));
    }
  }

  private static Timestamp time(JsonNode ms) {
    long micros = Math.round(ms.asDouble() * 1000);
    Timestamp time = new Timestamp(Math.floorDiv(micros, 1000L));
    time.setNanos((int) Math.floorMod(micros, 1_000_000L) * 1000);
    return time;
  }
}
