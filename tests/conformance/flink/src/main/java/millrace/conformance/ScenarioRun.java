package millrace.conformance;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.LinkedHashMap;
import java.util.Queue;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.operators.windowing.WindowOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

/** One scenario: the subtasks of one operator, and what each step makes them give out. */
@SuppressWarnings({"unchecked", "rawtypes"})
final class ScenarioRun {
  private static final int KEY_GROUPS = 128;
  /** The clock goes on in strides, so that no timer is set for a time that is over. */
  private static final long STRIDE_MS = 500;

  private final JsonNode work;
  private final JsonNode steps;
  private List<AbstractStreamOperatorTestHarness<String>> subtasks = new ArrayList<>();
  private long nowMs = 0;
  private long checkpointId = 0;

  ScenarioRun(JsonNode scenario) {
    this.work = scenario.get("work");
    this.steps = scenario.get("steps");
  }

  List<Object> run() throws Exception {
    subtasks.add(create(1, 0));
    subtasks.get(0).open();
    List<Object> outcomes = new ArrayList<>();
    for (JsonNode step : steps) {
      String type = step.get("type").asText();
      long droppedBefore = dropped();
      take(step, type);
      Map<String, Object> outcome = new LinkedHashMap<>();
      outcome.put("out", takeOutput());
      outcome.put("timers", List.of(sum(true), sum(false)));
      outcome.put("entries", entries());
      outcome.put("dropped", type.equals("restore") ? 0 : dropped() - droppedBefore);
      outcomes.add(outcome);
    }
    for (AbstractStreamOperatorTestHarness<String> subtask : subtasks) subtask.close();
    return outcomes;
  }

  private void take(JsonNode step, String type) throws Exception {
    switch (type) {
      case "record":
        record(step);
        break;
      case "watermark":
        watermark(step.path("input").asInt(0), new Watermark(timeOf(step.get("atMs"))));
        break;
      case "status":
        status(step.get("input").asInt(), step.get("isIdle").asBoolean());
        break;
      case "clock":
        while (nowMs < step.get("atMs").asLong()) {
          nowMs += STRIDE_MS;
          for (AbstractStreamOperatorTestHarness<String> subtask : subtasks) {
            // Behind its millisecond a timer has fired on any clock, this one and a real one.
            subtask.setStateTtlProcessingTime(nowMs + 1);
            subtask.setProcessingTime(nowMs + 1);
          }
        }
        break;
      case "restore":
        restore(step.get("parallelism").asInt());
        break;
      default:
        throw new IllegalArgumentException(type);
    }
  }

  private static long timeOf(JsonNode node) {
    return node.isTextual() ? Long.MAX_VALUE : node.asLong();
  }

  private void record(JsonNode step) throws Exception {
    String key = step.get("key").asText();
    int input = step.path("input").asInt(0);
    boolean isBroadcast = input == 1 && work.get("type").asText().equals("broadcast");
    int owner =
        hasNoKeys()
            ? step.get("n").asInt() % subtasks.size()
            : KeyGroupRangeAssignment.assignKeyToParallelOperator(
                key, KEY_GROUPS, subtasks.size());
    for (int at = 0; at < subtasks.size(); at++) {
      if (!isBroadcast && at != owner) continue;
      Tuple3<String, Long, Long> item =
          Item.of(key, step.get("n").asLong(), step.path("gapMs").asLong(0));
      StreamRecord<Tuple3<String, Long, Long>> record =
          step.hasNonNull("atMs")
              ? new StreamRecord<>(item, step.get("atMs").asLong())
              : new StreamRecord<>(item);
      AbstractStreamOperatorTestHarness<String> subtask = subtasks.get(at);
      if (subtask instanceof OneInputStreamOperatorTestHarness) {
        ((OneInputStreamOperatorTestHarness) subtask).processElement(record);
      } else if (input == 0) {
        ((KeyedTwoInputStreamOperatorTestHarness) subtask).processElement1(record);
      } else {
        ((KeyedTwoInputStreamOperatorTestHarness) subtask).processElement2(record);
      }
    }
  }

  private void watermark(int input, Watermark watermark) throws Exception {
    for (AbstractStreamOperatorTestHarness<String> subtask : subtasks) {
      if (subtask instanceof OneInputStreamOperatorTestHarness) {
        ((OneInputStreamOperatorTestHarness) subtask).processWatermark(watermark);
      } else if (input == 0) {
        ((KeyedTwoInputStreamOperatorTestHarness) subtask).processWatermark1(watermark);
      } else {
        ((KeyedTwoInputStreamOperatorTestHarness) subtask).processWatermark2(watermark);
      }
    }
  }

  private void status(int input, boolean isIdle) throws Exception {
    WatermarkStatus status = isIdle ? WatermarkStatus.IDLE : WatermarkStatus.ACTIVE;
    for (AbstractStreamOperatorTestHarness<String> subtask : subtasks) {
      KeyedTwoInputStreamOperatorTestHarness both =
          (KeyedTwoInputStreamOperatorTestHarness) subtask;
      if (input == 0) both.processWatermarkStatus1(status);
      else both.processWatermarkStatus2(status);
    }
  }

  private void restore(int parallelism) throws Exception {
    int before = subtasks.size();
    checkpointId += 1;
    OperatorSubtaskState[] states = new OperatorSubtaskState[before];
    for (int at = 0; at < before; at++) {
      states[at] = subtasks.get(at).snapshot(checkpointId, 0);
    }
    for (AbstractStreamOperatorTestHarness<String> subtask : subtasks) subtask.close();
    OperatorSubtaskState all = AbstractStreamOperatorTestHarness.repackageState(states);
    subtasks = new ArrayList<>();
    for (int at = 0; at < parallelism; at++) {
      AbstractStreamOperatorTestHarness<String> subtask = create(parallelism, at);
      subtask.setStateTtlProcessingTime(nowMs == 0 ? 0 : nowMs + 1);
      subtask.setup();
      subtask.initializeState(
          AbstractStreamOperatorTestHarness.repartitionOperatorState(
              all, KEY_GROUPS, before, parallelism, at));
      subtask.open();
      if (nowMs > 0) subtask.setProcessingTime(nowMs + 1);
      subtasks.add(subtask);
    }
  }

  private AbstractStreamOperatorTestHarness<String> create(int parallelism, int at)
      throws Exception {
    StreamOperator operator = Operators.create(work);
    if (hasNoKeys()) {
      return new OneInputStreamOperatorTestHarness<>(
          (OneInputStreamOperator) operator, KEY_GROUPS, parallelism, at);
    }
    if (operator instanceof OneInputStreamOperator) {
      return new KeyedOneInputStreamOperatorTestHarness<>(
          (OneInputStreamOperator) operator, Item.KEY, Types.STRING, KEY_GROUPS, parallelism, at);
    }
    boolean isBroadcast = work.get("type").asText().equals("broadcast");
    return new KeyedTwoInputStreamOperatorTestHarness<>(
        (TwoInputStreamOperator) operator,
        Item.KEY,
        isBroadcast ? null : Item.KEY,
        Types.STRING,
        KEY_GROUPS,
        parallelism,
        at);
  }

  private boolean hasNoKeys() {
    return work.get("type").asText().equals("operator-state");
  }

  private List<String> takeOutput() {
    List<String> texts = new ArrayList<>();
    for (AbstractStreamOperatorTestHarness<String> subtask : subtasks) {
      Queue<Object> output = subtask.getOutput();
      for (Object next = output.poll(); next != null; next = output.poll()) {
        if (next instanceof StreamRecord) texts.add("out " + text((StreamRecord) next));
        else if (next instanceof Watermark) {
          texts.add("watermark " + Item.timeText(((Watermark) next).getTimestamp()));
        } else if (next instanceof WatermarkStatus) {
          texts.add(((WatermarkStatus) next).isIdle() ? "idle" : "active");
        }
      }
      for (OutputTag<?> tag : List.of(Item.LATE, Item.LATE_RIGHT, Item.SIDE)) {
        Queue<? extends StreamRecord<?>> side = subtask.getSideOutput(tag);
        while (side != null && !side.isEmpty()) texts.add(tag.getId() + " " + text(side.poll()));
      }
    }
    return texts;
  }

  private static String text(StreamRecord<?> record) {
    Object value = record.getValue();
    String text =
        value instanceof Tuple3 ? ((Tuple3) value).f0 + "=" + ((Tuple3) value).f1 : "" + value;
    return text + " @" + (record.hasTimestamp() ? Item.timeText(record.getTimestamp()) : "none");
  }

  private int sum(boolean isEventTime) {
    int count = 0;
    for (AbstractStreamOperatorTestHarness<String> subtask : subtasks) {
      if (hasNoKeys()) break;
      count += isEventTime ? subtask.numEventTimeTimers() : subtask.numProcessingTimeTimers();
    }
    return count;
  }

  private int entries() {
    if (hasNoKeys()) return 0;
    int count = 0;
    for (AbstractStreamOperatorTestHarness<String> subtask : subtasks) {
      count +=
          subtask instanceof KeyedOneInputStreamOperatorTestHarness
              ? ((KeyedOneInputStreamOperatorTestHarness) subtask).numKeyedStateEntries()
              : ((KeyedTwoInputStreamOperatorTestHarness) subtask).numKeyedStateEntries();
    }
    return count;
  }

  private long dropped() throws Exception {
    long count = 0;
    for (AbstractStreamOperatorTestHarness<String> subtask : subtasks) {
      if (!(subtask.getOperator() instanceof WindowOperator)) continue;
      Field field = WindowOperator.class.getDeclaredField("numLateRecordsDropped");
      field.setAccessible(true);
      count += ((Counter) field.get(subtask.getOperator())).getCount();
    }
    return count;
  }
}
