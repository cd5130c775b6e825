package millrace.conformance;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.spark.SparkThrowable;

/** What Spark says is wrong. */
final class Errors {
  private Errors() {}

  /** The innermost error that has a condition, else the innermost. */
  static ObjectNode describe(Throwable error) {
    Throwable told = error;
    Throwable innermost = error;
    boolean isKnown = false;
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      innermost = cause;
      if (cause instanceof SparkThrowable spark && spark.getCondition() != null) {
        told = cause;
        isKnown = true;
      }
    }
    if (!isKnown) told = innermost;
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("condition", isKnown ? ((SparkThrowable) told).getCondition() : "");
    String message = told.getMessage() == null ? told.getClass().getName() : told.getMessage();
    node.put("message", message.lines().findFirst().orElse(""));
    return node;
  }
}
