package millrace.conformance;

import static org.apache.spark.sql.functions.*;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;

/** Columns from their JSON (scenario.ts: Expr). */
final class Expressions {
  private Expressions() {}

  static Column[] columns(JsonNode expressions) {
    List<Column> columns = new ArrayList<>();
    for (JsonNode expression : expressions) columns.add(column(expression));
    return columns.toArray(new Column[0]);
  }

  static Column column(JsonNode node) {
    switch (node.get("op").asText()) {
      case "col":
        return col(node.get("name").asText());
      case "lit":
        return literal(node.get("value"));
      case "interval":
        return expr("INTERVAL " + node.get("text").asText());
      case "call":
        return call(node.get("name").asText(), columns(node.get("args")));
      case "field":
        return column(node.get("of")).getField(node.get("name").asText());
      case "as":
        return column(node.get("of")).as(node.get("name").asText());
      case "window":
        return window(column(node.get("time")), node.get("size").asText(),
            node.get("slide").asText(), node.get("start").asText());
      case "session": {
        JsonNode gap = node.get("gap");
        Column time = column(node.get("time"));
        return gap.isTextual()
            ? session_window(time, gap.asText())
            : session_window(time, column(gap));
      }
      case "window_time":
        return window_time(column(node.get("of")));
      case "aggregate":
        return aggregate(node.get("name").asText(), node.get("of"));
      default:
        throw new IllegalArgumentException("no such expression: " + node);
    }
  }

  private static Column literal(JsonNode value) {
    if (value.isNull()) return lit(null);
    if (value.isBoolean()) return lit(value.asBoolean());
    if (value.isTextual()) return lit(value.asText());
    return value.isIntegralNumber() ? lit(value.asInt()) : lit(value.asDouble());
  }

  private static Column call(String name, Column[] args) {
    Column first = args[0];
    Column second = args.length > 1 ? args[1] : null;
    switch (name) {
      case "=": return first.equalTo(second);
      case "<=>": return first.eqNullSafe(second);
      case "<>": return first.notEqual(second);
      case "<": return first.lt(second);
      case "<=": return first.leq(second);
      case ">": return first.gt(second);
      case ">=": return first.geq(second);
      case "+": return first.plus(second);
      case "-": return first.minus(second);
      case "*": return first.multiply(second);
      case "/": return first.divide(second);
      case "%": return first.mod(second);
      case "AND": return first.and(second);
      case "OR": return first.or(second);
      case "NOT": return not(first);
      case "ISNULL": return first.isNull();
      case "ISNOTNULL": return first.isNotNull();
      case "COALESCE": return coalesce(args);
      case "CONCAT": return concat(args);
      case "FLOOR": return floor(first);
      case "ABS": return abs(first);
      case "UPPER": return upper(first);
      case "LOWER": return lower(first);
      case "LENGTH": return length(first);
      case "CASE": {
        Column cases = when(first, second);
        int at = 2;
        for (; at + 1 < args.length; at += 2) cases = cases.when(args[at], args[at + 1]);
        return at < args.length ? cases.otherwise(args[at]) : cases;
      }
      default:
        throw new IllegalArgumentException("no such function: " + name);
    }
  }

  private static Column aggregate(String name, JsonNode of) {
    Column column = of.isNull() ? lit(1) : column(of);
    switch (name) {
      case "count": return count(column);
      case "count_distinct": return count_distinct(column);
      case "sum": return sum(column);
      case "avg": return avg(column);
      case "min": return min(column);
      case "max": return max(column);
      case "first": return first(column);
      case "last": return last(column);
      case "collect_list": return collect_list(column);
      default:
        throw new IllegalArgumentException("no such aggregate: " + name);
    }
  }
}
