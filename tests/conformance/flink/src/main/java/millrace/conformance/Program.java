package millrace.conformance;

import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.AggregatingState;
import org.apache.flink.api.common.state.AggregatingStateDescriptor;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReducingState;
import org.apache.flink.api.common.state.ReducingStateDescriptor;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.streaming.api.TimerService;

/** What a process function does: actions on keyed state and timers, chosen by a record's number. */
final class Program implements Serializable {
  static final MapStateDescriptor<Long, Long> RULES =
      new MapStateDescriptor<>("rules", Types.LONG, Types.LONG);
  static final long EVENT_GRID_MS = 5_000;
  static final long CLOCK_GRID_MS = 2_000;

  private String[][] first;
  private String[][] second;
  String[] onEventTimer;
  String[] onClockTimer;
  private String ttlText = "";
  private transient ValueState<Long> value;
  private transient ListState<Long> list;
  private transient MapState<Long, Long> map;
  private transient ReducingState<Long> reducing;
  private transient AggregatingState<Long, String> aggregating;

  /** What is being handled, and where results go. */
  static final class Call {
    long n;
    Long timestamp;
    long watermark;
    long now;
    TimerService timers;
    Consumer<String> out;
    Consumer<String> side;
  }

  static Program of(JsonNode work) {
    Program program = new Program();
    program.first = table(work.path("first"));
    program.second = table(work.path("second"));
    program.onEventTimer = row(work.path("onEventTimer"));
    program.onClockTimer = row(work.path("onClockTimer"));
    JsonNode ttl = work.path("ttl");
    if (ttl.isObject()) {
      program.ttlText =
          String.join(
              " ",
              ttl.get("ttlMs").asText(),
              ttl.get("updateType").asText(),
              ttl.get("visibility").asText(),
              ttl.get("cleanup").asText());
    }
    return program;
  }

  static String[][] table(JsonNode node) {
    String[][] rows = new String[node.size()][];
    for (int at = 0; at < rows.length; at++) rows[at] = row(node.get(at));
    return rows;
  }

  private static String[] row(JsonNode node) {
    String[] words = new String[node.size()];
    for (int at = 0; at < words.length; at++) words[at] = node.get(at).asText();
    return words;
  }

  String[] actionsFor(int input, long n) {
    String[][] table = input == 0 ? first : second;
    return table[(int) (n % table.length)];
  }

  ValueStateDescriptor<Long> valueDescriptor() {
    return expiring(new ValueStateDescriptor<>("value", Types.LONG));
  }

  void open(RuntimeContext context) {
    value = context.getState(valueDescriptor());
    list = context.getListState(expiring(new ListStateDescriptor<>("list", Types.LONG)));
    map = context.getMapState(expiring(new MapStateDescriptor<>("map", Types.LONG, Types.LONG)));
    reducing =
        context.getReducingState(
            expiring(new ReducingStateDescriptor<>("reducing", Long::sum, Types.LONG)));
    aggregating =
        context.getAggregatingState(
            expiring(
                new AggregatingStateDescriptor<>(
                    "aggregating", new Counting(), Types.TUPLE(Types.LONG, Types.LONG))));
  }

  private <D extends StateDescriptor<?, ?>> D expiring(D descriptor) {
    if (ttlText.isEmpty()) return descriptor;
    String[] words = ttlText.split(" ");
    StateTtlConfig.Builder builder =
        StateTtlConfig.newBuilder(Duration.ofMillis(Long.parseLong(words[0])))
            .setUpdateType(StateTtlConfig.UpdateType.valueOf(words[1]))
            .setStateVisibility(StateTtlConfig.StateVisibility.valueOf(words[2]));
    if (words[3].equals("full-snapshot")) builder.cleanupFullSnapshot();
    if (!words[3].equals("background")) builder.disableCleanupInBackground();
    descriptor.enableTimeToLive(builder.build());
    return descriptor;
  }

  void run(String[] actions, Call call) throws Exception {
    for (String action : actions) {
      String[] words = action.split(" ");
      if (words.length == 2) onTimers(words[0], Long.parseLong(words[1]), call);
      else if (action.startsWith("map.")) onMap(action, call);
      else if (action.startsWith("list.")) onList(action, call);
      else onOthers(action, call);
    }
  }

  private void onTimers(String action, long deltaMs, Call call) {
    boolean isEvent = action.endsWith("event-timer");
    long base = isEvent ? call.timestamp : call.now;
    long grid = isEvent ? EVENT_GRID_MS : CLOCK_GRID_MS;
    long time = Math.floorDiv(base, grid) * grid + deltaMs;
    if (action.startsWith("forget")) {
      if (isEvent) call.timers.deleteEventTimeTimer(time);
      else call.timers.deleteProcessingTimeTimer(time);
    } else if (isEvent) call.timers.registerEventTimeTimer(time);
    else call.timers.registerProcessingTimeTimer(time);
  }

  private void onMap(String action, Call call) throws Exception {
    long key = call.n % 3;
    switch (action) {
      case "map.read":
        call.out.accept("map[" + key + "]=" + map.get(key));
        break;
      case "map.put":
        map.put(key, call.n);
        break;
      case "map.remove":
        map.remove(key);
        break;
      case "map.has":
        call.out.accept("map has " + map.contains(key));
        break;
      case "map.all":
        Map<Long, Long> sorted = new TreeMap<>();
        for (Map.Entry<Long, Long> entry : map.entries()) {
          sorted.put(entry.getKey(), entry.getValue());
        }
        call.out.accept("map=" + joined(sorted));
        break;
      case "map.is-empty":
        call.out.accept("map is empty " + map.isEmpty());
        break;
      default:
        map.clear();
    }
  }

  static String joined(Map<Long, Long> entries) {
    List<String> texts = new ArrayList<>();
    entries.forEach((key, number) -> texts.add(key + ":" + number));
    return String.join(" ", texts);
  }

  private void onList(String action, Call call) throws Exception {
    switch (action) {
      case "list.read":
        List<String> texts = new ArrayList<>();
        for (Long number : list.get()) texts.add("" + number);
        call.out.accept("list=" + String.join(" ", texts));
        break;
      case "list.add":
        list.add(call.n);
        break;
      case "list.add-all":
        list.addAll(List.of(call.n, call.n + 1));
        break;
      case "list.update":
        list.update(List.of(call.n + 10));
        break;
      default:
        list.clear();
    }
  }

  private void onOthers(String action, Call call) throws Exception {
    switch (action) {
      case "emit":
        call.out.accept("n=" + call.n);
        break;
      case "side":
        call.side.accept("n=" + call.n);
        break;
      case "tell":
        String at = call.timestamp == null ? "none" : "" + call.timestamp;
        call.out.accept(
            "at " + at + " now " + call.now + " watermark " + Item.timeText(call.watermark));
        break;
      case "value.read":
        call.out.accept("value=" + value.value());
        break;
      case "value.add":
        // Read once: an expired value may be given out a last time.
        Long before = value.value();
        value.update((before == null ? 0 : before) + call.n);
        break;
      case "value.set":
        value.update(call.n);
        break;
      case "value.clear":
        value.clear();
        break;
      case "reducing.read":
        call.out.accept("reducing=" + reducing.get());
        break;
      case "reducing.add":
        reducing.add(call.n);
        break;
      case "reducing.clear":
        reducing.clear();
        break;
      case "aggregating.read":
        call.out.accept("aggregating=" + aggregating.get());
        break;
      case "aggregating.add":
        aggregating.add(call.n);
        break;
      case "aggregating.clear":
        aggregating.clear();
        break;
      default:
        throw new IllegalArgumentException(action);
    }
  }

  private static final class Counting
      implements AggregateFunction<Long, Tuple2<Long, Long>, String> {
    @Override
    public Tuple2<Long, Long> createAccumulator() {
      return Tuple2.of(0L, 0L);
    }

    @Override
    public Tuple2<Long, Long> add(Long n, Tuple2<Long, Long> before) {
      return Tuple2.of(before.f0 + 1, before.f1 + n);
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
}
