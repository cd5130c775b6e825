package org.apache.flink.streaming.runtime.operators.windowing;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.functions.windowing.delta.DeltaFunction;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.api.windowing.assigners.*;
import org.apache.flink.streaming.api.windowing.evictors.*;
import org.apache.flink.streaming.api.windowing.triggers.*;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.streaming.api.windowing.windows.Window;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Runs Flink's own window operator over the cases on standard input, and prints each with its
 * results: what wrote printed-by-flink.txt. The notation is explained in window-notation.ts.
 * Classpath: flink-streaming-java, flink-clients, flink-test-utils-junit and the test jars of
 * flink-runtime, flink-streaming-java and flink-core, all 2.3.0.
 */
@SuppressWarnings({"unchecked", "rawtypes"})
class PrintWindows {
  private static final OutputTag<Tuple2<String, Long>> LATE = new OutputTag<>("late") {};
  private static final TypeInformation<Tuple2<String, Long>> TYPE =
      Types.TUPLE(Types.STRING, Types.LONG);
  private static long gapMs;

  private static class Show extends ProcessWindowFunction<Tuple2<String, Long>, String, String, Window> {
    @Override
    public void process(
        String key, Context context, Iterable<Tuple2<String, Long>> elements, Collector<String> out) {
      List<String> seconds = new ArrayList<>();
      for (Tuple2<String, Long> element : elements) seconds.add(text(element.f1));
      Window window = context.window();
      String bounds =
          window instanceof TimeWindow
              ? "[" + text(((TimeWindow) window).getStart()) + "," + text(((TimeWindow) window).getEnd()) + ")"
              : "global";
      out.collect(bounds + " " + key + "=" + String.join(" ", seconds));
    }
  }

  public static void main(String[] arguments) throws Exception {
    BufferedReader reader = new BufferedReader(new InputStreamReader(System.in));
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      if (line.isBlank() || line.startsWith("#")) System.out.println(line);
      else System.out.println(line.split("=>")[0].trim() + " => " + run(line.split("=>")[0].trim()));
    }
  }

  private static String run(String spec) throws Exception {
    String[] parts = spec.split(";");
    WindowAssigner assigner = assigner(parts[0].trim().split("[ /]"));
    WindowOperatorBuilder builder =
        new WindowOperatorBuilder(
            assigner,
            assigner.getDefaultTrigger(),
            new ExecutionConfig(),
            TYPE,
            (KeySelector<Tuple2<String, Long>, String>) value -> value.f0,
            Types.STRING);
    if (!parts[1].trim().equals("-")) builder.trigger(trigger(parts[1].trim().split(" "), 0));
    if (!parts[2].trim().equals("-")) builder.evictor(evictor(parts[2].trim().split(" ")));
    builder.allowedLateness(Duration.ofSeconds(Long.parseLong(parts[3].trim())));
    builder.sideOutputLateData(LATE);
    OneInputStreamOperator operator = builder.process(new Show());
    KeyedOneInputStreamOperatorTestHarness<String, Tuple2<String, Long>, String> harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            operator, (KeySelector<Tuple2<String, Long>, String>) value -> value.f0, Types.STRING);
    harness.open();
    StringBuilder result = new StringBuilder();
    for (String word : parts[4].trim().split("\\s+")) {
      try {
        feed(harness, word);
      } catch (Exception error) {
        return result + word + ": " + error.getClass().getSimpleName();
      }
      List<String> news = news(harness);
      if (!news.isEmpty()) result.append(word + ": " + String.join(", ", news) + " | ");
    }
    int timers = harness.numEventTimeTimers() + harness.numProcessingTimeTimers();
    return result + "left " + harness.numKeyedStateEntries() + "+" + timers;
  }

  private static void feed(KeyedOneInputStreamOperatorTestHarness harness, String word)
      throws Exception {
    if (word.startsWith("w")) {
      harness.processWatermark(new Watermark(millis(word.substring(1))));
    } else if (word.startsWith("p")) {
      harness.setProcessingTime(millis(word.substring(1)));
    } else {
      int at = word.indexOf('@');
      String[] time = word.substring(at + 1).split("/");
      gapMs = time.length == 2 ? millis(time[1]) : 0;
      long timeMs = millis(time[0]);
      String key = at < 0 ? "k" : word.substring(0, at);
      harness.processElement(new StreamRecord<>(Tuple2.of(key, timeMs), timeMs));
    }
  }

  private static List<String> news(KeyedOneInputStreamOperatorTestHarness harness) {
    List<String> news = new ArrayList<>();
    for (Object next = harness.getOutput().poll(); next != null; next = harness.getOutput().poll()) {
      if (next instanceof StreamRecord) news.add((String) ((StreamRecord) next).getValue());
    }
    Queue<StreamRecord<Tuple2<String, Long>>> late = harness.getSideOutput(LATE);
    while (late != null && !late.isEmpty()) news.add("late " + text(late.poll().getValue().f1));
    Collections.sort(news);
    return news;
  }

  private static WindowAssigner assigner(String[] words) {
    Duration[] times = new Duration[words.length];
    for (int i = 1; i < words.length; i++) {
      if (!words[i].equals("dynamic")) times[i] = Duration.ofMillis(millis(words[i]));
    }
    SessionWindowTimeGapExtractor<Object> gap = value -> gapMs;
    switch (words[0]) {
      case "tumbling":
        return words.length > 2
            ? TumblingEventTimeWindows.of(times[1], times[2])
            : TumblingEventTimeWindows.of(times[1]);
      case "sliding":
        return words.length > 3
            ? SlidingEventTimeWindows.of(times[1], times[2], times[3])
            : SlidingEventTimeWindows.of(times[1], times[2]);
      case "session":
        return times[1] == null
            ? EventTimeSessionWindows.withDynamicGap(gap)
            : EventTimeSessionWindows.withGap(times[1]);
      case "clock-tumbling":
        return words.length > 2
            ? TumblingProcessingTimeWindows.of(times[1], times[2])
            : TumblingProcessingTimeWindows.of(times[1]);
      case "clock-sliding":
        return SlidingProcessingTimeWindows.of(times[1], times[2]);
      case "clock-session":
        return times[1] == null
            ? ProcessingTimeSessionWindows.withDynamicGap(gap)
            : ProcessingTimeSessionWindows.withGap(times[1]);
      case "global":
        return GlobalWindows.create();
      case "global-end":
        return GlobalWindows.createWithEndOfStreamTrigger();
      default:
        throw new IllegalArgumentException(words[0]);
    }
  }

  private static Trigger trigger(String[] words, int from) {
    Duration time = words.length > from + 1 && !words[from].equals("purging")
        ? Duration.ofMillis(millis(words[from + 1])) : null;
    switch (words[from]) {
      case "event":
        return EventTimeTrigger.create();
      case "clock":
        return ProcessingTimeTrigger.create();
      case "count":
        return CountTrigger.of(Long.parseLong(words[from + 1]));
      case "continuous":
        return ContinuousEventTimeTrigger.of(time);
      case "clock-continuous":
        return ContinuousProcessingTimeTrigger.of(time);
      case "delta":
        return DeltaTrigger.of(
            Double.parseDouble(words[from + 1]),
            (DeltaFunction<Tuple2<String, Long>>) PrintWindows::delta,
            TYPE.createSerializer(new SerializerConfigImpl()));
      case "purging":
        return PurgingTrigger.of(trigger(words, from + 1));
      case "timeout":
        return ProcessingTimeoutTrigger.of(trigger(words, from + 2), time);
      case "timeout-reset":
        return ProcessingTimeoutTrigger.of(trigger(words, from + 2), time, true, true);
      case "timeout-keep":
        return ProcessingTimeoutTrigger.of(trigger(words, from + 2), time, false, false);
      default:
        throw new IllegalArgumentException(words[from]);
    }
  }

  private static Evictor evictor(String[] words) {
    long number = Long.parseLong(words[1]);
    switch (words[0]) {
      case "count":
        return CountEvictor.of(number);
      case "count-after":
        return CountEvictor.of(number, true);
      case "time":
        return TimeEvictor.of(Duration.ofSeconds(number));
      case "time-after":
        return TimeEvictor.of(Duration.ofSeconds(number), true);
      case "delta":
        return DeltaEvictor.of(number, (DeltaFunction<Tuple2<String, Long>>) PrintWindows::distance);
      case "delta-after":
        return DeltaEvictor.of(
            number, (DeltaFunction<Tuple2<String, Long>>) PrintWindows::distance, true);
      default:
        throw new IllegalArgumentException(words[0]);
    }
  }

  private static double delta(Tuple2<String, Long> older, Tuple2<String, Long> newer) {
    return (newer.f1 - older.f1) / 1000.0;
  }

  private static double distance(Tuple2<String, Long> older, Tuple2<String, Long> newer) {
    return Math.abs(newer.f1 - older.f1) / 1000.0;
  }

  private static String text(long timeMs) {
    return timeMs % 1000 == 0 ? "" + timeMs / 1000 : "" + timeMs / 1000.0;
  }

  private static long millis(String seconds) {
    return seconds.equals("max") ? Long.MAX_VALUE : Math.round(Double.parseDouble(seconds) * 1000);
  }
}
