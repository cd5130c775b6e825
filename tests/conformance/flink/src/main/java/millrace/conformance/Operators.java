package millrace.conformance;

import java.util.List;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.streaming.api.functions.co.ProcessJoinFunction;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.api.operators.co.IntervalJoinOperator;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.util.Collector;

/** Makes the operator that a scenario is about. */
final class Operators {
  private Operators() {}

  static StreamOperator<String> create(JsonNode work) {
    switch (work.get("type").asText()) {
      case "windows":
        return Windows.create(work);
      case "process":
        return new KeyedProcessOperator<>(new ProgramFunctions.Process(Program.of(work)));
      case "connected":
        return new KeyedCoProcessOperator<>(new ProgramFunctions.Connected(Program.of(work)));
      case "broadcast":
        return new CoBroadcastWithKeyedOperator<>(
            new ProgramFunctions.Broadcast(Program.of(work)), List.of(Program.RULES));
      case "operator-state":
        return new ProcessOperator<>(new Buffering(work));
      case "interval-join":
        return intervalJoin(work);
      default:
        throw new IllegalArgumentException(work.get("type").asText());
    }
  }

  private static StreamOperator<String> intervalJoin(JsonNode work) {
    TypeSerializer<Tuple3<String, Long, Long>> serializer =
        Item.TYPE.createSerializer(new SerializerConfigImpl());
    boolean hasLateOutput = work.get("hasLateOutput").asBoolean();
    return new IntervalJoinOperator<>(
        work.get("lowerMs").asLong(),
        work.get("upperMs").asLong(),
        work.get("isLowerIncluded").asBoolean(),
        work.get("isUpperIncluded").asBoolean(),
        hasLateOutput ? Item.LATE : null,
        hasLateOutput ? Item.LATE_RIGHT : null,
        serializer,
        serializer,
        new Pair());
  }

  private static final class Pair
      extends ProcessJoinFunction<
          Tuple3<String, Long, Long>, Tuple3<String, Long, Long>, String> {
    @Override
    public void processElement(
        Tuple3<String, Long, Long> left,
        Tuple3<String, Long, Long> right,
        Context context,
        Collector<String> out) {
      String times = context.getLeftTimestamp() + "," + context.getRightTimestamp();
      out.collect(left.f0 + ": " + left.f1 + " " + right.f1 + " at " + times);
      if ((left.f1 + right.f1) % 3 == 0) context.output(Item.SIDE, left.f1 + " " + right.f1);
    }
  }
}
