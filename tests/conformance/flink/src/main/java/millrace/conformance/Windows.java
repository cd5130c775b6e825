package millrace.conformance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.ReduceFunction;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.windowing.assigners.*;
import org.apache.flink.streaming.api.windowing.evictors.*;
import org.apache.flink.streaming.api.windowing.triggers.*;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.streaming.api.windowing.windows.Window;
import org.apache.flink.streaming.runtime.operators.windowing.WindowOperatorBuilder;
import org.apache.flink.util.Collector;

/** Window operators, as data says. */
@SuppressWarnings({"unchecked", "rawtypes"})
final class Windows {
  private Windows() {}

  static StreamOperator<String> create(JsonNode work) {
    WindowAssigner assigner = assigner(work.get("windows"));
    WindowOperatorBuilder builder =
        new WindowOperatorBuilder(
            assigner,
            assigner.getDefaultTrigger(),
            new ExecutionConfig(),
            Item.TYPE,
            Item.KEY,
            Types.STRING);
    if (work.hasNonNull("trigger")) builder.trigger(trigger(work.get("trigger")));
    if (work.hasNonNull("evictor")) builder.evictor(evictor(work.get("evictor")));
    builder.allowedLateness(Duration.ofMillis(work.get("latenessMs").asLong()));
    if (work.get("hasLateOutput").asBoolean()) builder.sideOutputLateData(Item.LATE);
    switch (work.get("contents").asText()) {
      case "reduce":
        return builder.reduce(new Sum(), new Show<Tuple3<String, Long, Long>>());
      case "aggregate":
        return builder.aggregate(
            new CountAndSum(), new Show<String>(), Types.TUPLE(Types.LONG, Types.LONG));
      case "process":
        return builder.process(new Show<Tuple3<String, Long, Long>>());
      default:
        return builder.process(
            new Counted(assigner instanceof MergingWindowAssigner));
    }
  }

  private static String bounds(Window window) {
    if (!(window instanceof TimeWindow)) return "global";
    return "[" + ((TimeWindow) window).getStart() + "," + ((TimeWindow) window).getEnd() + ")";
  }

  private static String texts(Iterable<?> elements) {
    List<String> texts = new ArrayList<>();
    for (Object element : elements) {
      texts.add(element instanceof Tuple3 ? "" + ((Tuple3) element).f1 : "" + element);
    }
    return String.join(" ", texts);
  }

  private static final class Sum implements ReduceFunction<Tuple3<String, Long, Long>> {
    @Override
    public Tuple3<String, Long, Long> reduce(
        Tuple3<String, Long, Long> left, Tuple3<String, Long, Long> right) {
      return Tuple3.of(left.f0, left.f1 + right.f1, left.f2);
    }
  }

  private static final class CountAndSum
      implements AggregateFunction<Tuple3<String, Long, Long>, Tuple2<Long, Long>, String> {
    @Override
    public Tuple2<Long, Long> createAccumulator() {
      return Tuple2.of(0L, 0L);
    }

    @Override
    public Tuple2<Long, Long> add(Tuple3<String, Long, Long> item, Tuple2<Long, Long> before) {
      return Tuple2.of(before.f0 + 1, before.f1 + item.f1);
    }

    @Override
    public String getResult(Tuple2<Long, Long> accumulator) {
      return accumulator.f0 + "/" + accumulator.f1;
    }

    @Override
    public Tuple2<Long, Long> merge(Tuple2<Long, Long> left, Tuple2<Long, Long> right) {
      return Tuple2.of(left.f0 + right.f0, left.f1 + right.f1);
    }
  }

  private static final class Show<T> extends ProcessWindowFunction<T, String, String, Window> {
    @Override
    public void process(
        String key, Context context, Iterable<T> elements, Collector<String> out) {
      out.collect(bounds(context.window()) + " " + key + ": " + texts(elements));
    }
  }

  /** Counts firings: of the key, and of the window where windows do not merge. */
  private static final class Counted
      extends ProcessWindowFunction<Tuple3<String, Long, Long>, String, String, Window> {
    private static final ValueStateDescriptor<Long> FIRINGS =
        new ValueStateDescriptor<>("firings", Types.LONG);
    private static final ValueStateDescriptor<Long> OWN_FIRINGS =
        new ValueStateDescriptor<>("own-firings", Types.LONG);
    private final boolean isMerging;

    Counted(boolean isMerging) {
      this.isMerging = isMerging;
    }

    @Override
    public void process(
        String key,
        Context context,
        Iterable<Tuple3<String, Long, Long>> elements,
        Collector<String> out)
        throws Exception {
      long all = next(context.globalState().getState(FIRINGS));
      long own = isMerging ? 0 : next(context.windowState().getState(OWN_FIRINGS));
      String counts = all + "/" + own + " at " + Item.timeText(context.currentWatermark());
      out.collect(bounds(context.window()) + " " + key + ": " + texts(elements) + " " + counts);
      context.output(Item.SIDE, key + " " + counts);
    }

    @Override
    public void clear(Context context) throws Exception {
      if (!isMerging) context.windowState().getState(OWN_FIRINGS).clear();
    }

    private static long next(ValueState<Long> state) throws Exception {
      long count = state.value() == null ? 1 : state.value() + 1;
      state.update(count);
      return count;
    }
  }

  private static Duration time(JsonNode node, String field) {
    return Duration.ofMillis(node.path(field).asLong(0));
  }

  private static WindowAssigner assigner(JsonNode windows) {
    Duration size = time(windows, "sizeMs");
    Duration slide = time(windows, "slideMs");
    Duration offset = time(windows, "offsetMs");
    SessionWindowTimeGapExtractor<Tuple3<String, Long, Long>> gap = item -> item.f2;
    boolean isDynamic = size.isZero();
    switch (windows.get("type").asText()) {
      case "tumbling":
        return TumblingEventTimeWindows.of(size, offset);
      case "sliding":
        return SlidingEventTimeWindows.of(size, slide, offset);
      case "session":
        return isDynamic
            ? EventTimeSessionWindows.withDynamicGap(gap)
            : EventTimeSessionWindows.withGap(size);
      case "clock-tumbling":
        return TumblingProcessingTimeWindows.of(size, offset);
      case "clock-sliding":
        return SlidingProcessingTimeWindows.of(size, slide, offset);
      case "clock-session":
        return isDynamic
            ? ProcessingTimeSessionWindows.withDynamicGap(gap)
            : ProcessingTimeSessionWindows.withGap(size);
      case "global":
        return GlobalWindows.create();
      default:
        return GlobalWindows.createWithEndOfStreamTrigger();
    }
  }

  private static Trigger trigger(JsonNode trigger) {
    Duration time = time(trigger, "everyMs");
    switch (trigger.get("type").asText()) {
      case "event":
        return EventTimeTrigger.create();
      case "clock":
        return ProcessingTimeTrigger.create();
      case "count":
        return CountTrigger.of(trigger.get("count").asLong());
      case "continuous":
        return ContinuousEventTimeTrigger.of(time);
      case "clock-continuous":
        return ContinuousProcessingTimeTrigger.of(time);
      case "delta":
        return DeltaTrigger.of(
            trigger.get("threshold").asDouble(),
            (Tuple3<String, Long, Long> older, Tuple3<String, Long, Long> newer) ->
                newer.f1 - older.f1,
            Item.TYPE.createSerializer(new SerializerConfigImpl()));
      case "purging":
        return PurgingTrigger.of(trigger(trigger.get("nested")));
      default:
        return ProcessingTimeoutTrigger.of(
            trigger(trigger.get("nested")),
            time,
            trigger.get("isReset").asBoolean(),
            trigger.get("isCleared").asBoolean());
    }
  }

  private static Evictor evictor(JsonNode evictor) {
    boolean isAfter = evictor.get("isAfter").asBoolean();
    long amount = evictor.get("amount").asLong();
    switch (evictor.get("type").asText()) {
      case "count":
        return CountEvictor.of(amount, isAfter);
      case "time":
        return TimeEvictor.of(Duration.ofMillis(amount), isAfter);
      default:
        return DeltaEvictor.of(
            amount,
            (Tuple3<String, Long, Long> older, Tuple3<String, Long, Long> newer) ->
                Math.abs(newer.f1 - older.f1),
            isAfter);
    }
  }
}
