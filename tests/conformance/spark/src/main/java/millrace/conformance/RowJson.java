package millrace.conformance;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Timestamp;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** Rows as arrays of values. Timestamps are ms, with microseconds as a fraction. */
final class RowJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private RowJson() {}

  static void write(Row[] rows, StructType schema, ArrayNode out) {
    for (Row row : rows) {
      ArrayNode values = out.addArray();
      for (int at = 0; at < schema.length(); at += 1) values.add(value(row.get(at)));
    }
  }

  static JsonNode value(Object value) {
    if (value == null) return JSON.nullNode();
    if (value instanceof Timestamp time) return time(time);
    if (value instanceof Boolean truth) return JSON.booleanNode(truth);
    if (value instanceof Double number) return number(number);
    if (value instanceof Float number) return number(number);
    if (value instanceof Number number) return JSON.numberNode(number.longValue());
    if (value instanceof Row struct) {
      ObjectNode fields = JSON.objectNode();
      String[] names = struct.schema().fieldNames();
      for (int at = 0; at < names.length; at += 1) fields.set(names[at], value(struct.get(at)));
      return fields;
    }
    if (value instanceof scala.collection.Seq<?> list) {
      ArrayNode values = JSON.arrayNode();
      for (int at = 0; at < list.size(); at += 1) values.add(value(list.apply(at)));
      return values;
    }
    return JSON.textNode(value.toString());
  }

  private static JsonNode time(Timestamp time) {
    long micros = time.getNanos() / 1000 % 1000;
    long ms = Math.floorDiv(time.getTime(), 1L);
    if (micros == 0) return JSON.numberNode(ms);
    return JSON.numberNode(new java.math.BigDecimal(ms * 1000 + micros).movePointLeft(3));
  }

  private static JsonNode number(double number) {
    boolean isFinite = !Double.isNaN(number) && !Double.isInfinite(number);
    return isFinite ? JSON.numberNode(number) : JSON.textNode(Double.toString(number));
  }
}
